// A tab that waits for a mail goes on when another tab of this browser has signed in. Each page that can sign in tells
// the others when it is left; they ask the server then, and when somebody looks at them again. Nobody polls.
{
  const channel = self.BroadcastChannel && new BroadcastChannel("postern");
  const waits = location.pathname === "/login/sent";
  const look = async () => {
    // Answered by a redirect once this page has nothing to wait for: a reload follows it.
    const answer = await fetch(location.pathname, { method: "HEAD", redirect: "manual" }).catch(() => undefined);
    if (answer?.type === "opaqueredirect") location.reload();
  };
  addEventListener("pagehide", () => channel?.postMessage("left"));
  if (waits && channel) channel.onmessage = look;
  if (waits) document.addEventListener("visibilitychange", () => document.hidden || look());
}
