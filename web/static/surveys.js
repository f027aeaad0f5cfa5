// The customer's page beside the form, made anew while one types. Without a script a button does it.
"use strict";

const form = document.querySelector("[data-preview-form]");
const button = document.querySelector("[data-preview-button]");
if (form && button) {
  let waiting = 0;
  const show = () => form.requestSubmit(button);
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 400);
  });
  for (const choice of document.querySelectorAll('select[form="survey"]')) choice.addEventListener("change", show);
  show();
}
