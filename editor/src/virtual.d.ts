declare module "virtual:icons" {
  const icons: Record<string, string>;
  export default icons;
}
declare module "*.css";
declare module "htmx.org/dist/htmx.esm.min.js";
