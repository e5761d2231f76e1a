addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.hasAttribute("data-posted")) event.preventDefault();
  form.setAttribute("data-posted", "");
  setTimeout(() => form.removeAttribute("data-posted"), 9000);
});
addEventListener("pageshow", () => {
  for (const form of document.forms) form.removeAttribute("data-posted");
});
