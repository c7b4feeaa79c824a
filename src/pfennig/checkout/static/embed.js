// The payment page of Pfennig inside a page of a shop: Pfennig.open in a dialog, Pfennig.mount in place.
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

  // A frame with the page of a payment link, which tells what happens in it and may lead the whole window away.
  const frame = (link, heard) => {
    const url = new URL(link, location.href);
    if (!url.protocol.startsWith("http")) throw new TypeError("Pfennig: this is no payment link");
    url.searchParams.set("frame", location.origin);
    const element = document.createElement("iframe");
    element.src = url.href;
    element.title = title;
    element.allow = "clipboard-write";
    element.style.cssText = "display:block;width:100%;height:30rem;border:0";
    const listen = ({ data, origin, source }) => {
      if (origin !== url.origin || source !== element.contentWindow || data?.source !== "pfennig") return;
      const { type, height, status, url: onward } = data;
      if (type === "height") element.style.height = `${height}px`;
      if (onward && new URL(onward).protocol.startsWith("http")) window.top.location.href = onward;
      heard({ type, ...(height && { height }), ...(status && { status }) });
    };
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
      const [element, end] = frame(link, (event) => event.type !== "closed" && onEvent(event));
      parent.replaceChildren(element);
      return end;
    },

    // In a dialog above the page. Answers a function that closes it.
    open({ link, onEvent = () => {} }) {
      const dialog = document.createElement("dialog");
      const [element, end] = frame(link, (event) => (event.type === "closed" ? dialog.close() : onEvent(event)));
      const button = document.createElement("button");
      dialog.ariaLabel = element.title;
      dialog.style.cssText = "width:30rem;max-width:100%;max-height:100%;padding:0;border:0;color-scheme:light dark";
      button.ariaLabel = close;
      button.textContent = "\u2715";
      button.style.cssText = "position:sticky;top:0;display:block;width:3rem;height:3rem;margin-left:auto;"
        + "border:0;background:Canvas;color:CanvasText;font-size:1.25rem;cursor:pointer";
      button.onclick = () => dialog.close();
      dialog.onclose = () => {
        end();
        dialog.remove();
        onEvent({ type: "closed" });
      };
      dialog.append(button, element);
      document.body.append(dialog);
      dialog.showModal();
      return () => dialog.close();
    },
  };
})();
