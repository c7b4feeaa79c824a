// The payment page of Pfennig inside a page of a shop: Pfennig.open in a dialog, Pfennig.mount in place, and
// Pfennig.button for wallets alone.
(() => {
  const words = {
    de: ["Bezahlen", "Schließen"],
    en: ["Payment", "Close"],
    fr: ["Paiement", "Fermer"],
    it: ["Pagamento", "Chiudi"],
    nl: ["Betaling", "Sluiten"],
    pl: ["Płatność", "Zamknij"],
  };
  const [title, close] = words[document.documentElement.lang.slice(0, 2)] ?? words.en;

  const make = (name, style, ...content) => {
    const element = document.createElement(name);
    element.style.cssText = style;
    element.append(...content);
    return element;
  };

  // A frame with the page of a payment link, or one beside it. It tells what happens in it, and may lead the whole
  // window away. It is seen once its first page has said how high it is; until a next page is there, the height stays.
  const frame = (link, height, heard, beside = "") => {
    const url = new URL(link, location.href);
    if (!url.protocol.startsWith("http")) throw new TypeError("Pfennig: this is no payment link");
    url.pathname += beside;
    url.searchParams.set("frame", location.origin);
    const style = "display:block;width:100%;border:0;color-scheme:light dark;scroll-margin-block-start:3.5rem;"
      + "visibility:hidden";
    const element = make("iframe", `${style};height:${height}`);
    element.src = url.href;
    element.title = title;
    element.allow = "clipboard-write";
    let pages = 0;
    const show = () => { element.style.visibility = "visible"; };
    const answer = (type) => element.contentWindow.postMessage({ source: "pfennig", type }, url.origin);
    const listen = ({ data, origin, source }) => {
      if (origin !== url.origin || source !== element.contentWindow || data?.source !== "pfennig") return;
      const { type, height, status, url: onward } = data;
      if (height !== undefined) element.style.height = `${height}px`;
      if (type === "ready") {
        show();
        answer("fits");
        if (pages++ && element.getBoundingClientRect().top < 0) element.scrollIntoView();
      }
      if (type === "focus") {
        element.focus({ preventScroll: true });
        return answer("focus");
      }
      if (type === "sheet") return heard(data);
      if (onward && new URL(onward).protocol.startsWith("http")) window.top.location.href = onward;
      heard({ type, ...(type === "height" && { height }), ...(status && { status }) }, data, pages);
    };
    element.onload = show;
    addEventListener("message", listen);
    const end = () => {
      removeEventListener("message", listen);
      element.remove();
    };
    return [element, end];
  };

  window.Pfennig = {
    // In the place of an element's content. Answers a function that takes it away again.
    mount(parent, { link, onEvent = () => {} }) {
      const [element, end] = frame(link, "30rem", (event) => event.type !== "closed" && onEvent(event));
      parent.replaceChildren(element);
      return end;
    },

    // Buttons of the wallets by which this payment can be made, in the place of an element's content; each opens its
    // sheet in a dialog. Which they are stays in their frame. Answers a function that takes them away again.
    button(parent, { link, onEvent = () => {} }) {
      const [element, end] = frame(link, 0, (event) => {
        if (event.type === "sheet") Pfennig.open({ link: event.url, onEvent });
        else if (event.type !== "closed") onEvent(event);
      }, "/wallets");
      parent.replaceChildren(element);
      return end;
    },

    // In a dialog above the page, below a strip that stays in sight. Answers a function that closes it.
    open({ link, onEvent = () => {} }) {
      const shop = make("strong", "flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap", title);
      const sum = make("strong", "font-variant-numeric:tabular-nums;white-space:nowrap");
      const button = make("button", "flex:none;width:3rem;height:3rem;padding:0;border:0;background:none;color:inherit;"
        + "font-size:1.25rem;cursor:pointer", "\u2715");
      const strip = make("div", "position:sticky;inset-block-start:0;z-index:1;display:flex;align-items:center;"
        + "gap:.75rem;padding-inline-start:1rem;border-block-end:1px solid rgb(128 128 128/.4);background:Canvas;"
        + "font:1rem/1.5 system-ui,sans-serif", shop, sum, button);
      const [element, end] = frame(link, "30rem", (event, said, pages) => {
        if (event.type === "closed") return dialog.close();
        if (event.type === "ready") {
          shop.textContent = said.shop || title;
          sum.textContent = said.sum ?? "";
          if (pages === 1 && document.activeElement === button) element.focus();
        }
        onEvent(event);
      });
      // Its pages leave out what the strip says. A name is there before they are drawn.
      element.name = "pfennig-headed";
      const dialog = make("dialog", "width:30rem;max-width:100%;max-height:100%;margin-block:min(2rem,4vh) auto;"
        + "padding:0;border:0;overscroll-behavior:contain;color-scheme:light dark;background:Canvas;color:CanvasText;"
        + "box-shadow:0 0 0 200vmax rgb(0 0 0/.4)", strip, element);
      dialog.ariaLabel = title;
      button.ariaLabel = close;
      button.type = "button";
      button.onclick = () => dialog.close();
      dialog.onclose = () => {
        end();
        dialog.remove();
        onEvent({ type: "closed" });
      };
      document.body.append(dialog);
      dialog.showModal();
      return () => dialog.close();
    },
  };
})();
