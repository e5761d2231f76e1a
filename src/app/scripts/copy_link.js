// The link that was opened in a browser which did not ask for it: its address leaves the history, and a button copies it.
history.replaceState(null, "", location.pathname + "?refusal=other_browser");
addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copied]");
  const link = document.getElementById("link");
  if (!button || !link) return;
  try {
    await navigator.clipboard.writeText(link.textContent);
    document.getElementById("copied").textContent = button.dataset.copied;
  } catch {
    // Some browsers inside of apps have no clipboard: the link is there to be selected.
    link.classList.remove("unscripted");
    getSelection().selectAllChildren(link);
  }
});
