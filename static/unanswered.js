// Every page with htmx: what is not answered, or refused, is said, as it would be of a form sent without scripts.
'use strict';

(() => {
  let shown = null;

  function hide() {
    if (shown) shown.remove();
    shown = null;
  }

  function say(name, config) {
    const isAsked = Boolean(config.triggeringEvent); // else the page asks by itself, again and again
    if (shown && shown.dataset.trouble === name && !isAsked) return;
    hide();
    shown = document.getElementById(name).content.firstElementChild.cloneNode(true);
    shown.dataset.trouble = name;
    document.getElementById('main').prepend(shown);
    if (isAsked) shown.scrollIntoView({ block: 'nearest' });
  }

  // So that the answer is a page: it says what was wrong, and a form that came too late is kept by it.
  function sendAsForm(form, submitter) {
    if (submitter && submitter.name) {
      const pressed = document.createElement('input');
      pressed.type = 'hidden';
      pressed.name = submitter.name;
      pressed.value = submitter.value;
      form.append(pressed);
    }
    form.submit();
  }

  document.addEventListener('htmx:sendError', (event) => say('unanswered', event.detail.requestConfig));

  document.addEventListener('htmx:responseError', (event) => {
    const { requestConfig: config, xhr } = event.detail;
    if (xhr.status === 422) return; // swap.js shows the page with its errors
    if (xhr.status >= 500) say('broken', config);
    else if (config.elt instanceof HTMLFormElement) sendAsForm(config.elt, config.triggeringEvent?.submitter);
    else say('refused', config);
  });

  document.addEventListener('htmx:afterRequest', (event) => { if (event.detail.successful) hide(); });
})();
