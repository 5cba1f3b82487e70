// The writing page's script: defines <collab-editor>.
import "../styles/editor.css";
import { CollabEditor } from "./collab/element.ts";

customElements.define("collab-editor", CollabEditor);
