declare module "virtual:icons" {
  /** By name, the shapes of an icon: element and attributes. */
  const icons: Record<string, [string, Record<string, string>][]>;
  export default icons;
}
declare module "*.css";
