/** Paper-like: the page is printed and put into documents as well. */
export const reportStyle = `
:root { color: #1c2733; background: #ffffff; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.75rem; border-bottom: 1px solid #d5dce4; padding-bottom: 0.25rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 0.5rem; }
header p { margin: 0.35rem 0 0; color: #55626f; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 0.75rem; margin: 1.5rem 0 0; }
.tile { border: 1px solid #d5dce4; border-radius: 0.5rem; padding: 0.75rem 1rem; }
.tile dt { color: #55626f; font-size: 0.875rem; }
.tile dd { margin: 0; font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); gap: 1.5rem 2rem; }
section { overflow-x: auto; }
figure { margin: 0; }
figcaption h3 { margin: 0; }
figcaption p { margin: 0.15rem 0 0.5rem; font-size: 0.875rem; color: #55626f; }
svg { max-width: 100%; height: auto; display: block; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 1.5rem 0.3rem 0; text-align: right; border-bottom: 1px solid #eef1f5; }
th:first-child { text-align: left; font-weight: 500; }
thead th { color: #55626f; font-size: 0.875rem; font-weight: 500; border-bottom-color: #d5dce4; }
.chosen th, .chosen td { font-weight: 700; background: #f2f5f9; }
.note { border-left: 4px solid #8a94a0; padding: 0.4rem 0.9rem; background: #f2f5f9; margin: 0.75rem 0; }
.note.good { border-color: #00684b; }
.note.bad { border-color: #b34700; }
td.good { color: #00684b; }
td.bad { color: #b34700; }
@media print { body { padding: 0; } figure, tr { break-inside: avoid; } }
`;
