// Tells the shop around this page what happens on it, and hears what it may do. Without this file one can pay all the same.

{
  const { listener, shop, sum } = document.currentScript.dataset;
  const { news, status, onward } = document.body.dataset;
  const target = document.querySelector("[autofocus]");
  const height = () => Math.ceil(document.body.getBoundingClientRect().height);
  const tell = (message) => {
    if (parent !== window) parent.postMessage({ source: "pfennig", ...message }, listener);
  };

  // A dialog shows the shop and the sum in its own strip.
  if (name === "pfennig-headed") document.body.classList.add("headed");

  tell({ type: "ready", height: height(), shop, sum });
  new ResizeObserver(() => tell({ type: "height", height: height() })).observe(document.body);

  addEventListener("message", ({ data, origin, source }) => {
    if (origin !== listener || source !== parent || data?.source !== "pfennig") return;
    // The shop makes room for all of the page. A bar that comes and goes meanwhile would break its lines anew.
    if (data.type === "fits") document.documentElement.style.overflow = "hidden";
    if (data.type === "focus") target?.focus();
  });

  // A message about errors must have the focus. Browsers keep frames of others from taking it by themselves: the shop's
  // page gives it to the frame first.
  if (target) {
    target.focus();
    tell({ type: "focus" });
  }

  // The keys that are pressed here do not reach the shop's dialog.
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tell({ type: "closed" });
  });

  // Where there are wallets and nothing else, their sheets have no room.
  for (const link of document.querySelectorAll(".sheets a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      tell({ type: "sheet", url: link.href });
    });
  }

  if (news) tell({ type: news, status, url: onward && new URL(onward, location).href });
}
