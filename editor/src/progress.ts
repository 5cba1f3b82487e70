// The page of an import asks every half second how far it is. It alone needs htmx.
import "htmx.org/dist/htmx.esm.min.js";
