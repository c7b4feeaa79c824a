// Tells the shop around this page what happens on it. Without this file one can pay all the same.

{
  const { listener } = document.currentScript.dataset;
  const { news, status, onward } = document.body.dataset;
  const tell = (message) => {
    if (parent !== window) parent.postMessage({ source: "pfennig", ...message }, listener);
  };

  tell({ type: "ready" });
  new ResizeObserver(() => tell({ type: "height", height: Math.ceil(document.body.getBoundingClientRect().height) }))
    .observe(document.body);

  // The keys that are pressed here do not reach the shop's dialog.
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tell({ type: "closed" });
  });

  // Browsers keep pages in frames from taking the focus by themselves, but a message about errors must have it.
  document.querySelector("[autofocus]")?.focus();

  if (news) tell({ type: news, status, url: onward && new URL(onward, location).href });
}
