// Plays scenarios, one JSON object a line on stdin, through the unmodified SDK in jsdom; writes one run a line to stdout.
'use strict';
const fs = require('fs'), path = require('path'), readline = require('readline');
const { JSDOM, CookieJar, VirtualConsole } = require('jsdom');
// A trusted click: jsdom gives its implementation objects to those who know where it keeps them.
const MODULES = path.dirname(require.resolve('jsdom/package.json'));
const { implForWrapper } = require(['lib/generated/idl/utils.js', 'lib/jsdom/living/generated/utils.js'].map(f => path.join(MODULES, f)).find(f => fs.existsSync(f)));
const read = name => fs.readFileSync(path.join(__dirname, name), 'utf8');
const SDK = read('node_modules/@arms/rum-browser/dist/browser-sdk.js'), ENV = read('env.js'), OPS = read('ops.js'), HTML = read('page.html');
const SESSION = '_arms_session';

class Store {
  constructor() { this.items = new Map(); }
  getItem(k) { return this.items.has(k) ? this.items.get(k) : null; }
  setItem(k, v) { this.items.set(k, String(v)); }
  removeItem(k) { this.items.delete(k); }
  clear() { this.items.clear(); }
  get length() { return this.items.size; }
  key(i) { return [...this.items.keys()][i]; }
}

async function run(scenario) {
  // Local storage by origin; under '' what is stored before any page is open, which the first page finds.
  const stores = new Map(), jar = new CookieJar(undefined, { looseMode: true, rejectPublicSuffixes: false, allowSpecialUseDomain: true });
  const shared = { at: scenario.epoch ?? 1900000000000, seq: 1, queue: [], random: scenario.random ?? 0.3, reports: [], errors: [] };
  const out = { name: scenario.name, reports: shared.reports, storage: [] }, tabs = [];
  let tab = 0, origin = '';
  const storeOf = at => {
    if (!stores.has(at)) { const first = stores.get('') || new Store(); stores.delete(''); stores.set(at, first); }
    return stores.get(at);
  };
  const close = n => { if (!tabs[n]) return; shared.queue = shared.queue.filter(t => t.window !== tabs[n].window); tabs[n].window.close(); tabs[n] = undefined; };
  const open = url => {
    close(tab);
    shared.at = Math.round(shared.at) + 100;
    const dom = tabs[tab] = new JSDOM(HTML, { url, runScripts: 'outside-only', pretendToBeVisual: true, cookieJar: jar, virtualConsole: new VirtualConsole() });
    const win = dom.window;
    origin = win.location.origin;
    Object.defineProperty(win, 'localStorage', { value: storeOf(origin), configurable: true });
    Object.defineProperty(win.document, 'domain', { value: win.location.hostname, configurable: true });
    win.__envopt = { shared, http: scenario.http, noBeacon: scenario.noBeacon, micro: () => new Promise(r => setImmediate(r)) };
    for (const code of [ENV, SDK, OPS]) win.eval(code);
  };
  try {
    for (const s of scenario.steps) {
      const win = tabs[tab] && tabs[tab].window;
      switch (s.op) {
        case 'tab': tab = s.n; if (tabs[tab]) origin = tabs[tab].window.location.origin; break;
        case 'open': open(s.url || 'http://127.0.0.1/page/home'); break;
        case 'click': {
          const event = new win.MouseEvent('click', { bubbles: true, cancelable: true, composed: true }), impl = implForWrapper(event);
          impl.isTrusted = true;
          implForWrapper(win.document.querySelector(s.selector))._dispatch(impl);
          break;
        }
        case 'store': out.storage.push({ label: s.label, t: Math.round(shared.at), session: storeOf(origin).getItem(SESSION), cookie: win.document.cookie }); break;
        case 'random': shared.random = s.value; break;
        case 'jump': shared.at += s.ms; break; // suspended: time passes, timers wait for the next advance
        case 'set_storage': storeOf(origin).setItem(s.key, s.value.replace('{now}', Math.round(shared.at)).replace('{now}', Math.round(shared.at))); break;
        case 'clear_storage': storeOf(origin).clear(); break;
        default: await win.__step(s);
      }
    }
  } catch (e) { out.error = String(e); }
  if (shared.errors.length) out.errors = shared.errors;
  tabs.forEach((_, n) => close(n));
  return out;
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) if (line.trim()) process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n');
  process.exit(0);
})();
