// The life of link and code, counted down. At its end the page becomes the one that the server would draw then, which
// waits in a template. The clock is compared and ticks are not counted: timers pause in a background tab.
addEventListener("DOMContentLoaded", () => {
  const late = document.querySelector("template[data-expires-in]");
  const clock = document.querySelector("[role=timer]");
  if (!late || !clock) return;
  const end = Date.now() + late.dataset.expiresIn * 1000;
  const two = (number) => String(number).padStart(2, "0");
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    // They are good for the whole of their last second, which counts as none.
    const shown = Math.max(0, left - 1);
    const hours = Math.floor(shown / 3600);
    const minutes = Math.floor(shown / 60) % 60;
    clock.textContent = (hours ? `${hours}:${two(minutes)}` : minutes) + `:${two(shown % 60)}`;
    // What is under way is answered first.
    if (left > 0 || document.querySelector("main [aria-disabled=true]")) return;
    clearInterval(ticking);
    // The title is that of the card, and the name of the site behind it.
    document.title = late.dataset.title + document.title.slice(document.querySelector("h1").textContent.length);
    const card = late.closest(".card");
    card.replaceWith(late.content);
    document.querySelector("h1").focus();
  };
  const ticking = setInterval(tick, 1000);
  tick();
});
