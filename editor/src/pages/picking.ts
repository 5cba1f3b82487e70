// The bar for several events at once stands there while some are chosen; without this it always does. A class and not
// `:has()`: with that, each event that comes into a long list would have every other one styled anew.
export function listenForPicking(): void {
  const main = document.querySelector("main");
  if (!main?.querySelector(".bulk")) return;
  const look = () => main.classList.toggle("is-picking", main.querySelector(".pick input:checked") !== null);
  document.addEventListener("change", ({ target }) => {
    if (target instanceof Element && target.closest(".pick")) look();
  });
  // Where somebody comes back to, the browser ticks what was ticked.
  addEventListener("pageshow", look);
  look();
}
