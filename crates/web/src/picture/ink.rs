//! Writing SVG: a few strokes, with text escaped in one place and no inline styles.

use std::fmt::Write as _;

/// A drawing as it grows.
#[derive(Debug, Default)]
pub(super) struct Ink {
    svg: String,
}

/// What a drawing is drawn on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sheet<'a> {
    pub(super) class: &'a str,
    pub(super) id: &'a str,
    pub(super) role: &'a str,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Which end of a text its position names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    const fn key(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

impl Ink {
    /// Begins a drawing with its words for people who do not see it. What can be pressed in it makes it a `group`
    /// instead of one `img`.
    pub(super) fn begin(sheet: &Sheet<'_>, title: &str, about: &str) -> Self {
        let Sheet { class, id, role, width, height } = sheet;
        let mut ink = Self::default();
        ink.raw(format_args!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"{role}\" \
             aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
            escaped(title),
            escaped(about),
        ));
        ink
    }

    /// Begins a drawing whose words stand beside it.
    pub(super) fn hidden(class: &str, width: f64, height: f64) -> Self {
        let mut ink = Self::default();
        ink.raw(format_args!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width:.0} {height:.0}\" aria-hidden=\"true\">"
        ));
        ink
    }

    /// Everything up to [`Self::end_link`] leads to `address`. It is reached from the keyboard by the script alone,
    /// since the list below holds the same. `at` is from when to when it tells, in seconds since 1970.
    pub(super) fn begin_link(&mut self, address: &str, at: (i64, i64), words: &str) {
        self.raw(format_args!(
            "<a href=\"{}\" tabindex=\"-1\" data-at=\"{} {}\" aria-label=\"{}\">",
            escaped(address),
            at.0,
            at.1,
            escaped(words)
        ));
    }

    pub(super) fn end_link(&mut self, words: &str) {
        self.raw(format_args!("<title>{}</title></a>", escaped(words)));
    }

    pub(super) fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    fn raw(&mut self, text: std::fmt::Arguments<'_>) {
        let written = self.svg.write_fmt(text);
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }

    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.raw(format_args!(
            "<path class=\"{class}\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
            from.0, from.1, to.0, to.1
        ));
    }

    pub(super) fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64)) {
        self.raw(format_args!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            corner.0,
            corner.1,
            size.0.max(0.0),
            size.1.max(0.0)
        ));
    }

    pub(super) fn pill(&mut self, class: &str, from: f64, to: f64, y: f64, half: f64) {
        self.raw(format_args!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{half:.1}\"/>",
            from - half,
            y - half,
            (to - from).max(0.0) + 2.0 * half,
            2.0 * half
        ));
    }

    pub(super) fn dot(&mut self, class: &str, x: f64, y: f64, radius: f64) {
        self.raw(format_args!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>"));
    }

    pub(super) fn diamond(&mut self, class: &str, x: f64, y: f64, half: f64) {
        self.raw(format_args!(
            "<path class=\"{class}\" d=\"M{x:.1} {:.1}l{half:.1} {half:.1}l-{half:.1} {half:.1}l-{half:.1} -{half:.1}z\"/>",
            y - half
        ));
    }

    pub(super) fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, words: &str) {
        self.raw(format_args!(
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{}\">{}</text>",
            at.0,
            at.1,
            anchor.key(),
            escaped(words)
        ));
    }

    pub(super) fn label(&mut self, at: (f64, f64), words: &str, time: &str) {
        self.raw(format_args!(
            "<text class=\"key\" x=\"{:.1}\" y=\"{:.1}\">{} <tspan class=\"num\">{}</tspan></text>",
            at.0,
            at.1,
            escaped(words),
            escaped(time)
        ));
    }
}

/// Text that cannot end its element; characters that XML does not allow are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
