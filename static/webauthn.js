// Pages that ask for a security key or passkey (macros/security_key.html): have the browser ask for it, and send its answer as a plain form.
'use strict';

(() => {
  const REFRESH_MILLISECONDS = 4 * 60 * 1000; // A question lives for five minutes.
  const WORDS = {
    waiting: 'Waiting for your key. Follow what your browser says.',
    NotAllowedError: 'No key was used: the window of your browser was closed, the time ran out, or it was not one of your keys. Choose “Try again”.',
    AbortError: 'No key was used. Choose “Try again”.',
    InvalidStateError: 'This key has been added already. Choose “Try again” and use another one.',
    SecurityError: 'Security keys do not work at this address of the site. Open the site at its proper address, with https.',
    NotSupportedError: 'This key cannot be used with this site. Choose “Try again” and use another one.',
    other: 'Your browser could not ask for the key. Choose “Try again”. If that does not help, use another browser.',
  };

  function bytesOf(base64url) {
    const base64 = base64url.replace(/-/g, '+').replace(/_/g, '/');
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  function base64urlOf(buffer) {
    const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
    return btoa(characters.join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  }

  const withBytes = (keys) => (keys || []).map((key) => ({ ...key, id: bytesOf(key.id) }));

  // Browsers from before 2025 do not turn JSON into what they ask for, and back.
  function creationOptions(json) {
    if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
    return {
      ...json,
      challenge: bytesOf(json.challenge),
      user: { ...json.user, id: bytesOf(json.user.id) },
      excludeCredentials: withBytes(json.excludeCredentials),
    };
  }

  function requestOptions(json) {
    if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return { ...json, challenge: bytesOf(json.challenge), allowCredentials: withBytes(json.allowCredentials) };
  }

  function jsonOf(credential) {
    if (credential.toJSON) return credential.toJSON();
    const response = {};
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (credential.response[name]) response[name] = base64urlOf(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return {
      id: credential.id,
      rawId: base64urlOf(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  }

  class KeyForm {
    constructor(form) {
      this.form = form;
      this.button = form.querySelector('[data-webauthn-button]');
      this.problem = form.querySelector('[data-webauthn-problem]');
      this.announcement = form.querySelector('[data-webauthn-announcement]');
      this.asking = false;
      this.button.hidden = false;
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        this.ask();
      });
      // The browser's history may bring the page back as it was left, while it sent the answer.
      window.addEventListener('pageshow', (event) => { if (event.persisted) this.setAsking(false); });
    }

    async ask() {
      if (this.asking) return;
      this.setAsking(true);
      try {
        this.send(await this.credential());
      } catch (error) {
        this.setAsking(false);
        this.problem.textContent = WORDS[error.name] || WORDS.other;
        this.problem.hidden = false;
        this.button.textContent = 'Try again';
      }
    }

    async credential() {
      const options = JSON.parse(this.form.dataset.options);
      return this.form.dataset.webauthn === 'create'
        ? navigator.credentials.create({ publicKey: creationOptions(options) })
        : navigator.credentials.get({ publicKey: requestOptions(options) });
    }

    setAsking(asking) {
      this.asking = asking;
      this.problem.hidden = true;
      this.announcement.textContent = asking ? WORDS.waiting : '';
      this.button.setAttribute('aria-disabled', String(asking));
    }

    send(credential) {
      this.form.elements.credential.value = JSON.stringify(jsonOf(credential));
      this.form.submit();
    }
  }

  // The sign-in page: passkeys stand among what the browser suggests for the user ID, and behind a button.
  class PasskeyForm extends KeyForm {
    constructor(form) {
      super(form);
      form.closest('[data-webauthn-section]').hidden = false;
      this.suggest();
    }

    async credential() {
      if (this.suggesting) this.suggesting.abort();
      return navigator.credentials.get({ publicKey: await this.freshOptions() });
    }

    async freshOptions() {
      const answer = await fetch(this.form.dataset.optionsUrl);
      if (!answer.ok) throw new Error(`The options were not given: ${answer.status}`);
      const asked = await answer.json();
      this.form.elements.ceremony.value = asked.ceremony;
      return requestOptions(JSON.parse(asked.options));
    }

    async suggest() {
      const able = PublicKeyCredential.isConditionalMediationAvailable;
      if (!able || !(await PublicKeyCredential.isConditionalMediationAvailable()) || this.asking) return;
      this.suggesting = new AbortController();
      const { signal } = this.suggesting;
      const refresh = setTimeout(() => {
        this.suggesting.abort();
        this.suggest();
      }, REFRESH_MILLISECONDS);
      signal.addEventListener('abort', () => clearTimeout(refresh));
      try {
        const publicKey = await this.freshOptions();
        if (signal.aborted) return;
        this.send(await navigator.credentials.get({ publicKey, mediation: 'conditional', signal }));
      } catch {
        // A suggestion that was not taken up is nothing to tell of.
        clearTimeout(refresh);
      }
    }
  }

  const forms = document.querySelectorAll('form[data-webauthn]');
  if (window.PublicKeyCredential && navigator.credentials) {
    for (const form of forms) {
      if (form.dataset.webauthn === 'passkey') new PasskeyForm(form);
      else new KeyForm(form);
    }
  } else {
    for (const form of forms) form.hidden = true;
    for (const help of document.querySelectorAll('[data-webauthn-missing]')) help.hidden = false;
  }
})();
