// One random edit of a shared document, of the sort that the editor makes: words, marks, lists, tables, undo.
import * as Y from 'yjs'

const WORDS = ['the depot ', 'stalls', ' – ', '🦀', 'é', '名', '\n', 'retry retry retry ']
const MARKS = [{ bold: {} }, { italic: {} }, { strike: {} }, { code: {} }, { link: { href: 'https://depot.example.test/' } }, { bold: null }, { link: null }, { italic: null }]

const text = words => new Y.XmlText(words)
function element (name, attributes, children) {
  const made = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.insert(0, children)
  return made
}
const paragraph = words => element('paragraph', {}, [text(words)])

function block (random) {
  const words = () => random.pick(WORDS)
  switch (random.whole(0, 9)) {
    case 0: return element('heading', { level: random.whole(1, 3) }, [text(words())])
    case 1: return element('bulletList', {}, [element('listItem', {}, [paragraph(words())]), element('listItem', {}, [paragraph(words())])])
    case 2: return element('orderedList', { start: random.whole(1, 9) }, [element('listItem', {}, [paragraph(words())])])
    case 3: return element('taskList', {}, [element('taskItem', { checked: random.happens(0.5) }, [paragraph(words())])])
    case 4: return element('blockquote', {}, [paragraph(words())])
    case 5: return element('codeBlock', { language: 'sh' }, [text(words())])
    case 6: return element('table', {}, [row(random), row(random)])
    case 7: return element('horizontalRule', {}, [])
    default: return paragraph(words())
  }
}
const row = random => element('tableRow', {}, [0, 1].map(() => element(random.happens(0.3) ? 'tableHeader' : 'tableCell', { colspan: 1, rowspan: 1 }, [paragraph(random.pick(WORDS))])))

function every (parent, wanted, found = []) {
  for (const child of parent.toArray()) {
    if (wanted(child)) found.push(child)
    if (child instanceof Y.XmlElement) every(child, wanted, found)
  }
  return found
}

/**
 * A place that does not cut a character of two units in half, as no editor does: Yjs turns the halves into
 * U+FFFD only in copies that had to cut there, and then copies of Yjs itself differ.
 */
function whole (shared, at) {
  const words = shared.toDelta().map(({ insert }) => typeof insert === 'string' ? insert : '\ufffc').join('')
  const unit = words.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at
}

/** Does one edit; it may be none where there is nothing to change. */
export function edit ({ doc, fragment, undo }, random) {
  const kind = random.whole(0, 21)
  if (kind === 20) return undo.undo()
  if (kind === 21) return undo.redo()
  doc.transact(() => {
    const texts = every(fragment, child => child instanceof Y.XmlText)
    const one = texts.length > 0 ? random.pick(texts) : null
    const at = one ? whole(one, random.whole(0, one.length)) : 0
    const reach = one ? whole(one, Math.min(one.length, at + random.whole(1, 6))) - at : 0
    if (kind <= 8 && one) one.insert(at, random.pick(WORDS))
    else if (kind <= 10 && one && reach > 0) one.delete(at, reach)
    else if (kind <= 13 && one && reach > 0) one.format(at, reach, random.pick(MARKS))
    else if (kind === 14 && fragment.length > 0) fragment.delete(random.whole(0, fragment.length - 1), 1)
    else if (kind === 15 && fragment.length > 1) {
      // To move is to take away and to put a copy elsewhere.
      const from = random.whole(0, fragment.length - 1)
      const copy = fragment.get(from).clone()
      fragment.delete(from, 1)
      fragment.insert(random.whole(0, fragment.length), [copy])
    } else if (kind === 16) {
      const lists = every(fragment, child => ['bulletList', 'orderedList', 'table'].includes(child.nodeName))
      if (lists.length === 0) return
      const list = random.pick(lists)
      if (list.length > 0 && random.happens(0.4)) list.delete(random.whole(0, list.length - 1), 1)
      else list.insert(random.whole(0, list.length), [list.nodeName === 'table' ? row(random) : element('listItem', {}, [paragraph(random.pick(WORDS))])])
    } else if (kind === 17) {
      const elements = every(fragment, child => child instanceof Y.XmlElement)
      if (elements.length === 0) return
      const chosen = random.pick(elements)
      if (chosen.nodeName === 'taskItem') chosen.setAttribute('checked', random.happens(0.5))
      else if (chosen.nodeName === 'heading') chosen.setAttribute('level', random.whole(1, 4))
      else if (chosen.nodeName === 'tableCell') chosen.setAttribute('colspan', random.whole(1, 2))
    } else fragment.insert(random.whole(0, fragment.length), [block(random)])
  }, 'typing')
}
