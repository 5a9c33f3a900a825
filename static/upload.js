// Pages that take a file (macros/upload.html): a drop zone, and a progress bar while the file travels. Without this script the form works as it is.
'use strict';

class UploadForm {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector('input[type="file"]');
    this.dropZone = form.querySelector('.drop-zone');
    this.button = form.querySelector('button[type="submit"]');
    this.problem = document.getElementById('upload-problem');
    this.progress = document.getElementById('upload-progress');
    this.bar = document.getElementById('upload-bar');
    this.percent = document.getElementById('upload-percent');
    this.announcement = document.getElementById('upload-announcement');
    this.uploading = false;

    form.addEventListener('submit', (event) => this.send(event));
    this.input.addEventListener('change', () => this.checkSize());
    this.dropZone.addEventListener('dragover', () => this.dropZone.classList.add('drop-zone--over'));
    this.dropZone.addEventListener('dragleave', () => this.dropZone.classList.remove('drop-zone--over'));
    this.dropZone.addEventListener('drop', (event) => this.drop(event));
    // The browser's history may bring the page back as it was left, while it uploaded.
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.setUploading(false); });
  }

  showProblem(text) {
    this.problem.textContent = text;
  }

  announce(text) {
    // Only what is new: a screen reader would read the same words again.
    if (this.announcement.textContent !== text) this.announcement.textContent = text;
  }

  tooLarge(file) {
    return file.size > Number(this.form.dataset.limitBytes);
  }

  checkSize() {
    const file = this.input.files[0];
    this.showProblem(file && this.tooLarge(file)
      ? `${file.name} is larger than the limit of ${this.form.dataset.limitText}. Make a zip with fewer records, and send the rest in another zip.`
      : '');
  }

  drop(event) {
    this.dropZone.classList.remove('drop-zone--over');
    const files = event.dataTransfer.files;
    if (files.length > 1) {
      this.showProblem('Drop one file at a time. To send several assessments together, put them into one zip.');
    } else if (files.length === 1) {
      this.input.files = files;
      this.checkSize();
      this.input.focus();
    }
  }

  setUploading(uploading) {
    this.uploading = uploading;
    this.progress.hidden = !uploading;
    this.button.setAttribute('aria-disabled', String(uploading));
  }

  showProgress(event) {
    if (!event.lengthComputable) return;
    const done = Math.floor((100 * event.loaded) / event.total);
    this.bar.value = done;
    this.percent.textContent = `${done} %`;
    this.announce(done < 100 ? `Uploading: ${25 * Math.floor(done / 25)} percent` : this.form.dataset.sentText);
  }

  send(event) {
    const file = this.input.files[0];
    if (!file) return; // The server says what is missing.
    event.preventDefault();
    if (this.uploading || this.tooLarge(file)) return;
    this.showProblem('');
    this.setUploading(true);
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', (sent) => this.showProgress(sent));
    request.addEventListener('load', () => this.showAnswer(request));
    request.addEventListener('error', () => this.interrupted());
    request.open('POST', this.form.action);
    request.send(new FormData(this.form));
  }

  // The server answers with a redirect to where to go on, or with a page to be shown here: a report, or what is wrong.
  showAnswer(request) {
    if (request.status < 400 && request.responseURL !== this.form.action) {
      const { pathname } = new URL(request.responseURL);
      if (pathname.startsWith(this.form.dataset.leadsTo)) window.location.assign(request.responseURL);
      // Nothing was taken, as of somebody signed out. Sent without this script, it leads to a page that says so.
      else this.form.submit();
      return;
    }
    const answer = new DOMParser().parseFromString(request.responseText, 'text/html');
    const main = answer.querySelector('main');
    if (!main) {
      this.interrupted();
      return;
    }
    document.title = answer.title;
    document.querySelector('main').replaceWith(main);
    (main.querySelector('[autofocus]') || main).focus();
    enhanceUploadForm();
  }

  interrupted() {
    this.setUploading(false);
    this.announce('');
    this.showProblem(this.form.dataset.interruptedText);
  }
}

function enhanceUploadForm() {
  const form = document.getElementById('upload-form');
  if (form) new UploadForm(form);
}

// A file that misses the drop zone must not replace the page.
for (const name of ['dragover', 'drop']) window.addEventListener(name, (event) => event.preventDefault());
enhanceUploadForm();
