// Icons of the editor, as the build copied them from lucide-static.
import icons from "virtual:icons";

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const [shape, attributes] of icons[name] ?? []) {
    const drawn = document.createElementNS(svg.namespaceURI, shape);
    for (const [key, value] of Object.entries(attributes)) drawn.setAttribute(key, value);
    svg.append(drawn);
  }
  return svg;
}
