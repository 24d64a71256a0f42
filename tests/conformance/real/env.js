// A browser's clock, timers, entries and network, all told by the scenario; injected into a document before the SDK.
// What tabs share stands in opt.shared: the clock (ms since the epoch), the queue of timers, Math.random, and what was sent.
(function (w, opt) {
  'use strict';
  const shared = opt.shared, EPOCH = shared.at - 100; // performance.now() is 100 at the first operation
  const now = () => shared.at - EPOCH, P = w.performance;
  const def = (o, k, v) => Object.defineProperty(o, k, { value: v, configurable: true, writable: true });
  def(P, 'now', now);
  Object.defineProperty(P, 'timeOrigin', { value: EPOCH, configurable: true });
  w.Date.now = () => Math.round(shared.at);

  // Timers: of two at one instant the one that was armed first.
  const add = (fn, ms, args, repeat) => {
    const id = shared.seq++;
    shared.queue.push({ id, window: w, at: shared.at + Math.max(0, +ms || 0), fn, args, repeat: repeat ? Math.max(1, +ms || 1) : 0 });
    return id;
  };
  const del = id => { shared.queue = shared.queue.filter(t => t.id !== id); };
  def(w, 'setTimeout', (fn, ms, ...a) => add(fn, ms, a));
  def(w, 'clearTimeout', del);
  def(w, 'setInterval', (fn, ms, ...a) => add(fn, ms, a, true));
  def(w, 'clearInterval', del);
  def(w, 'requestAnimationFrame', fn => add(() => fn(now()), 16, []));
  def(w, 'cancelAnimationFrame', del);
  def(w, 'requestIdleCallback', fn => add(() => fn({ didTimeout: false, timeRemaining: () => 10 }), 1, []));
  def(w, 'cancelIdleCallback', del);
  def(w.Math, 'random', () => shared.random);
  Object.defineProperty(w.Event.prototype, 'timeStamp', {
    get() { if (this.__at === undefined) Object.defineProperty(this, '__at', { value: now() }); return this.__at; }, configurable: true,
  });

  // Entries.
  const observers = [], kept = [];
  class Observer {
    constructor(callback) { this.callback = callback; this.types = []; observers.push(this); }
    observe(o) {
      this.types.push(...(o.type ? [o.type] : o.entryTypes));
      if (o.type && o.buffered) { const found = kept.filter(e => e.entryType === o.type); if (found.length) add(() => this.fire(found), 0, []); }
    }
    fire(found) {
      if (!this.types.length) return;
      this.callback({ getEntries: () => found, getEntriesByType: t => found.filter(e => e.entryType === t), getEntriesByName: n => found.filter(e => e.name === n) }, this);
    }
    disconnect() { this.types = []; }
    takeRecords() { return []; }
  }
  Observer.supportedEntryTypes = ['navigation', 'paint', 'resource', 'longtask', 'long-animation-frame', 'largest-contentful-paint', 'layout-shift', 'first-input', 'event'];
  def(w, 'PerformanceObserver', Observer);
  def(P, 'getEntriesByType', t => kept.filter(e => e.entryType === t));
  const emit = entries => {
    const made = entries.map(e => { const plain = { ...e }, entry = { ...e }; def(entry, 'toJSON', () => plain); return entry; });
    kept.push(...made);
    for (const o of observers) { const found = made.filter(e => o.types.includes(e.entryType)); if (found.length) o.fire(found); }
  };

  // Network.
  const report = (via, url, body) => shared.reports.push({ t: Math.round(shared.at), via, url, body });
  def(w.navigator, 'sendBeacon', opt.noBeacon ? undefined : (url, body) => { report('beacon', url, body); return true; });
  Object.defineProperty(w.navigator, 'connection', { value: { effectiveType: '4g' }, configurable: true });
  const answers = opt.http || {};
  const full = url => new w.URL(url, w.location.href).href; // as of the request: the page may move on before the answer
  const answerOf = url => ({ status: 200, statusText: '', ms: 20, body: '', ...(answers[new w.URL(url).pathname] || { statusText: 'OK', body: '{}' }) });
  const networkEntry = (name, initiatorType, r, start) => {
    const size = r.body.length;
    return { name, entryType: 'resource', initiatorType, startTime: start, duration: r.ms, fetchStart: start, redirectStart: 0, redirectEnd: 0, domainLookupStart: start, domainLookupEnd: start, connectStart: start, secureConnectionStart: 0, connectEnd: start, requestStart: r.fail ? 0 : start + 1, responseStart: r.fail ? 0 : start + r.ms - 1, responseEnd: start + r.ms, transferSize: r.fail ? 0 : 300 + size, encodedBodySize: r.fail ? 0 : size, decodedBodySize: r.fail ? 0 : size, responseStatus: r.fail ? 0 : r.status, deliveryType: '' };
  };
  if (!w.Request) def(w, 'Request', class Request {});
  if (!w.Headers) def(w, 'Headers', class Headers { constructor() { this.m = {}; } set(k, v) { this.m[k] = v; } });
  def(w, 'fetch', u => {
    const url = full(String(u && u.url || u)), r = answerOf(url), start = now();
    return new Promise((resolve, reject) => add(() => {
      emit([networkEntry(url, 'fetch', r, start)]);
      if (r.fail) { reject(new w.TypeError('Failed to fetch')); return; }
      const response = () => ({ status: r.status, statusText: r.statusText, ok: r.status < 300, clone: response, text: async () => r.body, json: async () => JSON.parse(r.body) });
      resolve(response());
    }, r.ms, []));
  });
  class XHR {
    constructor() { this.listeners = {}; this.readyState = 0; this.status = 0; this.statusText = ''; }
    addEventListener(t, f) { (this.listeners[t] = this.listeners[t] || []).push(f); }
    dispatch(t) { for (const f of this.listeners[t] || []) f.call(this, { type: t, target: this }); if (typeof this['on' + t] === 'function') this['on' + t]({ type: t, target: this }); }
  }
  XHR.prototype.open = function (method, url) { this.method = method; this.url = url; };
  XHR.prototype.setRequestHeader = function () {};
  XHR.prototype.send = function (body) {
    const url = full(this.url);
    if (typeof body === 'string' && /"_v":"[^"]*"}$/.test(body)) { // a report of the SDK's
      report('xhr', this.url, body);
      add(() => { this.status = 200; this.readyState = 4; this.dispatch('readystatechange'); this.dispatch('loadend'); }, 5, []);
      return;
    }
    const r = answerOf(url), start = now();
    add(() => {
      emit([networkEntry(url, 'xmlhttprequest', r, start)]);
      this.readyState = 4;
      if (r.fail) { this.dispatch('readystatechange'); this.dispatch('error'); } else {
        this.status = r.status; this.statusText = r.statusText; this.response = this.responseText = r.body;
        this.dispatch('readystatechange'); this.dispatch('load');
      }
      this.dispatch('loadend');
    }, r.ms, []);
  };
  def(w, 'XMLHttpRequest', XHR);
  if (!w.PromiseRejectionEvent) def(w, 'PromiseRejectionEvent', class PromiseRejectionEvent extends w.Event { constructor(t, i) { super(t, i); this.reason = i.reason; } });
  if (!('innerText' in w.HTMLElement.prototype)) Object.defineProperty(w.HTMLElement.prototype, 'innerText', { get() { return this.textContent; }, configurable: true });

  const advance = async ms => {
    const end = shared.at + ms;
    for (;;) {
      await opt.micro();
      shared.queue.sort((a, b) => a.at - b.at || a.id - b.id);
      const t = shared.queue[0];
      if (!t || t.at > end) break;
      shared.at = Math.max(shared.at, t.at);
      if (t.repeat) t.at += t.repeat; else shared.queue.shift();
      try { t.fn(...(t.args || [])); } catch (e) { shared.errors.push(String(e)); }
      await opt.micro();
    }
    shared.at = end;
    await opt.micro();
  };
  w.__env = { advance, emit };
})(window, window.__envopt);
