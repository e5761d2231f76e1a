// What is typed already stays, when another language is chosen.
const typedField = () => document.querySelector("main input:not([type=hidden])");
addEventListener("submit", (event) => {
  if (event.target.matches(".languages") && typedField()) sessionStorage.typed = typedField().value;
});
addEventListener("DOMContentLoaded", () => {
  if (sessionStorage.typed && typedField()) typedField().value = sessionStorage.typed;
  delete sessionStorage.typed;
});
