/** The look of a comparison's page, in light and dark. */
export const pageStyle = `
:root{color-scheme:light dark;--ground:#fff;--panel:#f6f8fa;--text:#1f2328;--quiet:#59636e;--line:#d8dee4;--mark:#fff3c4;--mark-text:#6b4e00}
@media(prefers-color-scheme:dark){:root{--ground:#0d1117;--panel:#161b22;--text:#e6edf3;--quiet:#9198a1;--line:#30363d;--mark:#3a2f0b;--mark-text:#f2d675}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main{max-width:1280px;margin:0 auto;padding:24px 20px 64px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:36px 0 10px}
p.quiet,figcaption,caption{color:var(--quiet)}p{margin:0 0 10px}
.legend{display:flex;flex-wrap:wrap;gap:6px 16px;margin:14px 0;padding:0;list-style:none}
.dot{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 12px;text-align:left;vertical-align:top;border-top:1px solid var(--line);white-space:nowrap}
thead th,thead td{border-top:0;background:var(--panel);font-weight:600}
tbody th{font-weight:500;position:sticky;left:0;background:var(--ground)}
td{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px}
tr.differs td{background:var(--mark);color:var(--mark-text)}
tr.differs:not(.note) th::before{content:"≠";color:var(--mark-text);margin-right:6px}
tr.same td{color:var(--quiet)}
tr.note th,tr.note td{border-top:0}tr.note td{white-space:normal;font-family:inherit;padding-top:0}
.switch{display:inline-flex;gap:8px;align-items:center;cursor:pointer;margin:6px 0}
body:has(#only:checked) tr.same:not(.always),body:has(#only:checked) section.same{display:none}
.plots{display:flex;flex-wrap:wrap;gap:14px}
figure{margin:0;padding:10px 12px;border:1px solid var(--line);border-radius:6px;max-width:100%;overflow-x:auto}
figcaption{font-weight:600;color:var(--text);overflow-wrap:anywhere;max-width:560px}
figure svg{display:block;--plot-background:var(--ground);max-width:100%;height:auto}
@media print{.switch{display:none}figure,tr{break-inside:avoid}}
`;
