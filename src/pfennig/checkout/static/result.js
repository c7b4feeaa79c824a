// Comforts of the result page: it prints itself, and looks by itself how the payment stands.

{
  const button = document.getElementById("print");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  const shown = document.currentScript.dataset.version;
  const longestPause = 60000;
  let pause = 4000;

  // A page nobody looks at asks nothing; one that is looked at again asks at once.
  const seen = () => new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener("visibilitychange", resolve, { once: true });
  });

  const look = async () => {
    await seen();
    try {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
      const version = answer.headers.get("ETag");
      if (answer.ok && (answer.redirected || (version && !version.includes(shown)))) {
        location.reload();
        return;
      }
    } catch {
      // No network: the next look may find one.
    }
    pause = Math.min(pause * 1.5, longestPause);
    setTimeout(look, pause);
  };

  if (shown) setTimeout(look, pause);
}
