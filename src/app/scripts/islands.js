// Starts the client: loads it, and wakes the islands of the page in their order. Leptos' own loader does more, for islands
// within islands and for a router.
async (js, wasm) => {
  const client = await import(js);
  await client.default({ module_or_path: wasm });
  client.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) await client[island.dataset.component](island);
}
