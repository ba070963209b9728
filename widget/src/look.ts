/** How the chat looks: the desk's colours, with the company's own as the accent. Nothing of the page's style reaches it, and none of its the page. */

export const BUTTON = `
:host { all: initial; color-scheme: light dark; --accent: light-dark(#2f57c9, #8aa6ff); --on-accent: light-dark(#fff, #10131c);
  --accent-ink: light-dark(#2f57c9, #8aa6ff); --surface: light-dark(#fff, #1b1b1a); --raised: light-dark(#f4f2ef, #282826);
  --line: light-dark(#e6e3de, #33322f); --field: light-dark(#8a867e, #7d7972); --ink: light-dark(#1d1c1a, #eceae6);
  --ink-2: light-dark(#5d5a54, #a8a49c); --bad: light-dark(#b3261e, #ff8a80); --good: light-dark(#1f7a4d, #63c394);
  --edge: inset 0 0 0 1px light-dark(rgb(0 0 0 / .08), rgb(255 255 255 / .14));
  font: 400 15px/1.45 "Inter", ui-sans-serif, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink) }
:host([data-theme=light]) { color-scheme: light } :host([data-theme=dark]) { color-scheme: dark }
@media print { :host { display: none } }
* { box-sizing: border-box; font: inherit; color: inherit; letter-spacing: normal }
[hidden] { display: none !important }
button { cursor: pointer; border: 0; background: none; padding: 0 }
:focus { outline: none } :focus-visible { outline: 2px solid var(--accent-ink); outline-offset: 2px }
.icon { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; display: block }
.launcher { position: fixed; z-index: 2147483000; inset-block-end: max(20px, env(safe-area-inset-bottom)); inset-inline-end: 20px; width: 56px; height: 56px;
  border-radius: 50%; border: 1px solid transparent; background: var(--accent); color: var(--on-accent); display: grid; place-items: center;
  box-shadow: var(--edge), 0 2px 6px rgb(0 0 0 / .16), 0 8px 24px rgb(0 0 0 / .18) }
:host([data-side=start]) .launcher { inset-inline: 20px auto }
.launcher .icon { width: 26px; height: 26px; grid-area: 1 / 1 }
.launcher[aria-expanded=true] .icon:first-of-type, .launcher[aria-expanded=false] .icon:last-of-type { display: none }
.launcher:focus-visible { outline-offset: 0; outline: 2px solid var(--surface); box-shadow: 0 0 0 5px var(--accent-ink) }
[data-busy] .launcher { cursor: progress }
.count { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: #b3261e; color: #fff; font-size: 12px; font-weight: 600; line-height: 22px; text-align: center; box-shadow: 0 0 0 2px var(--surface) }
@media (prefers-reduced-motion: no-preference) {
  .launcher { transition: scale .12s } .launcher:hover { scale: 1.05 } .launcher:active { scale: .97 }
  [data-busy] .launcher .icon { animation: busy 1s infinite alternate } @keyframes busy { to { opacity: .35 } }
}
`;

export const PANEL = `
.panel { position: fixed; z-index: 2147483001; inset-block-end: 90px; inset-inline-end: 20px; width: 380px; height: min(640px, calc(100dvh - 110px));
  display: flex; flex-direction: column; overflow: hidden; border: 1px solid var(--line); border-radius: 14px; background: var(--surface);
  box-shadow: 0 4px 12px rgb(0 0 0 / .08), 0 16px 48px rgb(0 0 0 / .2) }
:host([data-side=start]) .panel { inset-inline: 20px auto }
header { display: flex; align-items: center; gap: 12px; padding: 14px 12px 14px 16px; padding-inline: 16px 12px; border-block-end: 1px solid var(--line) }
.face { flex: none; width: 38px; height: 38px; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: var(--edge);
  display: grid; place-items: center; font-size: 17px; font-weight: 600 }
.title { flex: 1; min-width: 0 }
h2 { margin: 0; font-size: 16px; font-weight: 600; line-height: 1.3; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.state { display: flex; align-items: center; gap: 6px; font-size: 13px; line-height: 1.4; color: var(--ink-2) }
.state::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: var(--field) } .state.open::before { background: var(--good) }
header button { flex: none; width: 36px; height: 36px; display: grid; place-items: center; border-radius: 8px; color: var(--ink-2) }
header button:hover, .composer label:hover { background: var(--raised); color: var(--ink) }
.note { margin: 0; padding: 9px 16px; background: var(--raised); border-block-end: 1px solid var(--line); font-size: 13px; color: var(--ink-2); overflow-wrap: anywhere }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 16px; display: flex; flex-direction: column; gap: 4px; scrollbar-width: thin }
.log:focus-visible { outline-offset: -3px }
.day { align-self: center; margin-block: 12px 4px; font-size: 12px; color: var(--ink-2) }
.said { max-width: 84%; align-self: flex-start; display: flex; flex-direction: column; align-items: flex-start; gap: 4px }
.said.own { align-self: flex-end; align-items: flex-end }
.said + .own, .own + .said:not(.own) { margin-block-start: 8px } .own + .own { margin-block-start: 0 !important }
.who { margin-block-start: 4px; padding-inline-start: 2px; font-size: 12px; color: var(--ink-2) }
.words { padding: 8px 12px; border: 1px solid transparent; border-radius: 14px; border-end-start-radius: 4px; background: var(--raised);
  white-space: pre-wrap; overflow-wrap: anywhere }
.own .words { border-end-start-radius: 14px; border-end-end-radius: 4px; background: var(--accent); color: var(--on-accent); box-shadow: var(--edge) }
.words a { text-decoration: underline; text-underline-offset: 2px } .words a:focus-visible { outline-color: currentColor }
.mark { margin-block-end: 4px; font-size: 12px; color: var(--ink-2); text-align: end; overflow-wrap: anywhere } .mark.bad { color: var(--bad) }
.mark button { min-height: 24px; margin-inline-start: 8px; text-decoration: underline; text-underline-offset: 2px }
.file { display: block; max-width: 100%; padding: 8px 12px; border: 1px solid var(--line); border-radius: 12px; font-size: 14px; overflow-wrap: anywhere;
  text-decoration: underline; text-underline-offset: 2px }
a.file:hover { background: var(--raised) } div.file { color: var(--ink-2); text-decoration: none; border-style: dashed }
.pictured { padding: 4px 4px 6px; font-size: 12px } .pictured span { padding-inline: 6px }
canvas { display: block; max-width: 100%; border-radius: 9px; margin-block-end: 4px }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 8px }
.choices button { min-height: 38px; padding: 6px 14px; border: 1px solid var(--accent-ink); border-radius: 19px; font-weight: 500; color: var(--accent-ink); text-align: start }
.choices button:hover { background: var(--raised) }
.below { position: relative; align-self: center; margin-block-start: -40px; min-height: 32px; padding: 4px 14px; border: 1px solid var(--line); border-radius: 16px;
  background: var(--surface); font-size: 13px; font-weight: 500; inset-block-end: 8px; box-shadow: 0 2px 8px rgb(0 0 0 / .16) }
.typist { margin: 0; padding: 0 18px 6px; font-size: 12px; color: var(--ink-2) } .typist::after { content: " …" }
.composer { display: flex; align-items: flex-end; gap: 4px; padding: 10px 12px max(10px, env(safe-area-inset-bottom)); border-block-start: 1px solid var(--line) }
textarea, .questions input { flex: 1; min-width: 0; min-height: 40px; padding: 8px 12px; border: 1px solid var(--field); border-radius: 10px; background: var(--surface); resize: none }
textarea { height: 40px; max-height: 140px; scrollbar-width: thin } ::placeholder { color: var(--ink-2); opacity: 1 }
textarea:focus-visible, .questions input:focus-visible { outline-offset: -1px }
.composer > button, .composer > label { position: relative; flex: none; width: 40px; height: 40px; display: grid; place-items: center; border-radius: 10px; cursor: pointer; color: var(--ink-2) }
.composer > button { margin-inline-start: 4px; background: var(--accent); color: var(--on-accent); box-shadow: var(--edge) }
textarea:placeholder-shown + button { background: none; color: var(--ink-2); box-shadow: none }
label:has(:focus-visible) { outline: 2px solid var(--accent-ink); outline-offset: -2px }
input[type=file] { position: absolute; inset: 0; opacity: 0; font-size: 0; cursor: pointer; overflow: hidden } input[type=file]::file-selector-button { display: none }
.asks .log { flex: 0 1 auto; padding-block-end: 0 }
.questions { flex: 1; min-height: 0; overflow-y: auto; padding: 16px; display: flex; flex-direction: column; gap: 14px }
.questions label { display: flex; flex-direction: column; gap: 4px; font-size: 14px; font-weight: 500; outline: 0 !important } .questions input { flex: none; font-weight: 400 }
.begin { min-height: 42px; border-radius: 10px; font-weight: 600; background: var(--accent); color: var(--on-accent); box-shadow: var(--edge) }
.silent { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (max-width: 480px) {
  .panel { inset: 0 !important; width: auto; height: 100dvh; border: 0; border-radius: 0 }
  textarea, .questions input { font-size: 16px }
}
@media (prefers-reduced-motion: no-preference) {
  .panel:not([hidden]) { animation: rise .16s ease-out } @keyframes rise { from { opacity: 0; transform: translateY(8px) } }
}
`;
