// Every page of somebody signed in: warn before the session ends, and leave the page when it has.
'use strict';

class SessionWatch {
  constructor(dialog) {
    this.dialog = dialog;
    this.left = document.getElementById('session-dialog-left');
    this.announcement = document.getElementById('session-dialog-announcement');
    this.extendForm = document.getElementById('session-extend');
    this.warningSeconds = Number(dialog.dataset.warningSeconds);
    // Other tabs tell when they have gone on with the session, which is the same for all.
    this.tabs = new BroadcastChannel('session');
    this.tabs.addEventListener('message', (event) => this.follow(event.data));
    this.extendForm.addEventListener('submit', (event) => this.extend(event));
    dialog.addEventListener('cancel', (event) => this.extend(event));
    // A computer that slept, or a page that came back: time has passed without this script.
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.ask(); });
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.ask(); });
    this.follow({ seconds: Number(dialog.dataset.seconds), can_go_on: dialog.dataset.canGoOn === 'true' });
  }

  get secondsLeft() {
    return Math.max(0, Math.ceil((this.endsAt - Date.now()) / 1000));
  }

  // What the server or another tab says is so.
  follow(state) {
    this.endsAt = Date.now() + state.seconds * 1000;
    this.canGoOn = state.can_go_on;
    clearTimeout(this.timer);
    if (state.seconds <= 0) {
      this.leave();
    } else if (state.seconds > this.warningSeconds) {
      if (this.dialog.open) this.dialog.close();
      this.timer = setTimeout(() => this.ask(), (state.seconds - this.warningSeconds) * 1000 + 500);
    } else if (this.wasToldOfTheEnd && !this.canGoOn) {
      this.timer = setTimeout(() => this.ask(), state.seconds * 1000 + 500);
    } else {
      this.warn();
    }
  }

  warn() {
    for (const part of this.dialog.querySelectorAll('[data-part]')) {
      part.hidden = (part.dataset.part === 'last') === this.canGoOn;
    }
    if (!this.dialog.open) this.dialog.showModal();
    this.tick();
  }

  tick() {
    const seconds = this.secondsLeft;
    this.left.textContent = seconds < 60 ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    this.announce(seconds);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.secondsLeft > 0 ? this.tick() : this.ask()), 1000);
  }

  announce(seconds) {
    const step = [10, 30, 60, 120].find((known) => seconds <= known);
    if (step === undefined || step === this.announced) return;
    this.announced = step;
    this.announcement.textContent = `You are signed out in about ${step} seconds.`;
  }

  async ask() {
    const state = await this.fetchState(this.dialog.dataset.stateUrl);
    if (state) this.follow(state);
  }

  async extend(event) {
    event.preventDefault();
    if (!this.canGoOn) {
      this.wasToldOfTheEnd = true;
      this.dialog.close();
      this.ask();
      return;
    }
    const state = await this.fetchState(this.extendForm.action, { method: 'POST', body: new FormData(this.extendForm) });
    if (!state) return;
    this.announced = undefined;
    this.follow(state);
    this.tabs.postMessage(state);
  }

  async fetchState(url, options = {}) {
    try {
      const answer = await fetch(url, { ...options, headers: { Accept: 'application/json' } });
      if (answer.ok) return await answer.json();
    } catch {
      // No connection at present.
    }
    if (this.secondsLeft <= 0) {
      this.leave();
    } else {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 5000);
    }
    return null;
  }

  // What is on the screen may show patients: nothing of it stays there.
  async leave() {
    if (this.hasLeft) return;
    this.hasLeft = true;
    const form = this.changedForm();
    const page = form && form.hasAttribute('action') ? new URL(form.action) : new URL(window.location.href);
    const body = form ? new FormData(form) : new FormData(this.extendForm);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    document.querySelector('main').hidden = true;
    let target = '/sign-in?ended=1';
    try {
      const url = `${this.dialog.dataset.keepUrl}?${new URLSearchParams({ page: page.pathname + page.search })}`;
      const answer = await fetch(url, { method: 'POST', body });
      if (answer.ok) target = (await answer.json()).page;
    } catch {
      // The sign-in page says what there is to say.
    }
    window.location.replace(target);
  }

  // The form into which something was typed that would be lost: on this page, or before it was shown again.
  changedForm() {
    const forms = [...document.querySelectorAll('main form[method="post"]')];
    return forms.find((form) => this.isChanged(form)) || this.formShownAgain(forms);
  }

  isChanged(form) {
    return [...form.elements].some((field) => (
      'defaultValue' in field && field.type !== 'hidden' && field.type !== 'file'
        ? field.value !== field.defaultValue || field.checked !== field.defaultChecked
        : field.type === 'select-one' && [...field.options].some((option) => option.selected !== option.defaultSelected)
    ));
  }

  // What was typed before stands in the page as if it came from the server. Its form is the one with most of its fields.
  formShownAgain(forms) {
    const names = JSON.parse(this.dialog.dataset.typedFields);
    const fields = (form) => names.filter((name) => form.elements.namedItem(name)).length;
    const [likeliest] = [...forms].sort((one, other) => fields(other) - fields(one));
    return likeliest && fields(likeliest) ? likeliest : undefined;
  }
}

new SessionWatch(document.getElementById('session-dialog'));
