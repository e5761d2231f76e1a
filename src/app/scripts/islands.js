// Starts the client: loads it, and wakes the islands of the page in their order. Leptos' own loader does more, for islands
// within islands and for a router.
async (js, wasm) => {
  // Posts a form for its island, which hears only of a refusal: its name, seconds to wait and sentence, a line each. After
  // 30 s it is given up; the server gives up a request after as many itself. What succeeds leads to another page, and
  // takes the place of /verify in the history, so that the back button does not press a used link.
  window.posternPost = async (form, refused) => {
    const call = new AbortController();
    const timer = setTimeout(() => call.abort(), 30000);
    let refusal = "unreachable";
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
        signal: call.signal,
      });
      refusal = "not_ours";
      const to = answer.ok && answer.headers.get("location");
      if (to) return location.pathname === "/verify" ? location.replace(to) : location.assign(to);
      const { refusal: name, retry_after: wait, message } = await answer.json();
      if (!answer.ok && name) refusal = [name, wait, message].join("\n");
    } catch {
      if (call.signal.aborted) refusal = "given_up";
    } finally {
      clearTimeout(timer);
    }
    refused(refusal);
  };
  // A page that the back button took from the browser's memory is loaded anew: its forms would still be busy.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  const client = await import(js);
  await client.default({ module_or_path: wasm });
  client.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) client.wake(island);
}
