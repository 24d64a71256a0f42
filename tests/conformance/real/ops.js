// Does one step of a scenario inside the document.
window.__step = async function (s) {
  const env = window.__env, rum = window.RumSDK && window.RumSDK.default;
  const thrown = () => { const e = new window[s.name || 'Error'](s.message); return e; };
  switch (s.op) {
    case 'advance': return env.advance(s.ms);
    case 'init': rum.init(s.config); return;
    case 'custom': rum.sendCustom(s.payload); return;
    case 'exception': rum.sendException(s.payload); return;
    case 'resource_api': rum.sendResource(s.payload); return;
    case 'view_api': rum.sendView(s.payload); return;
    case 'click_untrusted': document.querySelector(s.selector).click(); return;
    case 'error': { const e = thrown(); e.stack = s.stack || (s.name + ': ' + s.message + '\n    at f (http://h/a.js:1:2)'); window.dispatchEvent(new ErrorEvent('error', { error: e, message: s.message, filename: s.file || 'http://h/a.js', lineno: s.line || 1, colno: s.column || 2 })); return; }
    case 'rejection': { const e = thrown(); e.stack = s.stack || (s.name + ': ' + s.message); window.dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: e })); return; }
    case 'console_error': { const e = new Error(s.message); e.stack = 'Error: ' + s.message; console.error(e); return; }
    case 'fetch': fetch(s.url, s.init).then(() => {}, () => {}); return;
    case 'xhr': { const x = new XMLHttpRequest(); x.open(s.method || 'GET', s.url); x.send(s.body); return; }
    case 'pushState': history.pushState({}, '', s.url); return;
    case 'replaceState': history.replaceState({}, '', s.url); return;
    case 'popstate': Object.getPrototypeOf(history).replaceState.call(history, {}, '', s.url); window.dispatchEvent(new PopStateEvent('popstate', { state: {} })); return;
    case 'emit': env.emit(s.entries); return;
    case 'visibility': Object.defineProperty(document, 'visibilityState', { value: s.state, configurable: true }); Object.defineProperty(document, 'hidden', { value: s.state === 'hidden', configurable: true }); document.dispatchEvent(new Event('visibilitychange', { bubbles: true })); return;
    case 'setConfig': rum.setConfig(s.key, s.value); return;
    case 'scroll': window.dispatchEvent(new Event('scroll')); document.dispatchEvent(new Event('scroll', { bubbles: true })); return;
  }
  throw new Error('unknown op ' + s.op);
};
