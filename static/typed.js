// Every page with htmx: what was typed into a part of the page that is exchanged stays, also what was typed since the server was asked.
'use strict';

(() => {
  const KEPT = ['input:not([type="hidden"], [type="checkbox"], [type="radio"])', 'select', 'textarea']
    .map((field) => `[data-keeps-typed] ${field}`).join();
  const typed = new Map();
  const typedOn = new Map();
  // A field that the answer empties, for the next entry: which may have been begun by then, in place of the one that was sent.
  const nextEntry = () => document.querySelectorAll('[data-next-entry]');

  document.addEventListener('htmx:beforeRequest', (event) => {
    for (const field of nextEntry()) if (event.target.contains(field) && field === document.activeElement) field.select();
  });
  document.addEventListener('htmx:beforeSwap', (event) => {
    for (const field of document.querySelectorAll(KEPT)) typed.set(field.id, field.value);
    for (const field of nextEntry()) {
      if (field.value !== event.detail.requestConfig.parameters[field.name]) typedOn.set(field.id, field.value);
    }
  });
  document.addEventListener('htmx:afterSwap', () => {
    for (const field of document.querySelectorAll(KEPT)) {
      if (typed.has(field.id) && field.value !== typed.get(field.id)) field.value = typed.get(field.id);
    }
    for (const field of nextEntry()) {
      if (typedOn.has(field.id)) field.value = `${field.value} ${typedOn.get(field.id)}`.trim();
      typedOn.delete(field.id);
    }
  });
})();
