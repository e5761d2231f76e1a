// The field of the code. Eight digits in it sign in by themselves, once: after a refusal, the button does it.
// What is pasted anywhere on the page goes into the field, if there is a code in it.
// The server reads what stands there (domain/login_code.rs).
{
  const field = () => document.getElementById("code");
  const digits = (text) => (text.match(/\p{Nd}/gu) ?? []).length;
  let sent = new URLSearchParams(location.search).has("refusal");
  addEventListener("submit", (event) => {
    if (event.target.contains(field())) sent = true;
  });
  addEventListener("input", ({ target }) => {
    if (target !== field() || sent || digits(target.value) !== 8) return;
    target.form.requestSubmit();
  });
  addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text") ?? "";
    const runs = text.match(/[\p{Nd}\p{Zs}\p{Pd}\p{Cf}\t]+/gu) ?? [];
    const codes = new Set(runs.filter((run) => digits(run) === 8).map((run) => run.match(/\p{Nd}/gu).join("")));
    if (codes.size !== 1 || !field()) return;
    event.preventDefault();
    field().value = [...codes][0];
    field().focus();
    field().dispatchEvent(new Event("input", { bubbles: true }));
  });
  // A keyboard that comes up leaves the button in sight.
  self.visualViewport?.addEventListener("resize", () => {
    if (document.activeElement === field()) field()?.form.querySelector("button")?.scrollIntoView({ block: "nearest" });
  });
}
