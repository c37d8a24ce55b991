"""Style sheet of the HTML page: light, dark, narrow screens and paper.

Text stands at least 4.5:1 against what it is written on, in either light; a browser test has axe measure it.
"""

STYLE = """
:root{color-scheme:light dark;--page:#fff;--text:#1b2430;--quiet:#4a5565;--line:#c9d0d9;--faint:#f4f6f8;--link:#1a5f9e;
--model:#7a3a06;--model-page:#fff3e4;--seen:#14507f;--seen-page:#e9f2fa;--notice:#fff6d6;--notice-line:#8a6a00}
@media(prefers-color-scheme:dark){:root{--page:#12171e;--text:#e9eef4;--quiet:#b3bdc9;--line:#3c4653;--faint:#1a212a;
--link:#8cc4f5;--model:#ffc58f;--model-page:#3a2410;--seen:#a9d3f7;--seen-page:#15304a;--notice:#3a310c;
--notice-line:#d9b63a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 1.5rem 4rem;max-width:64rem;background:var(--page);color:var(--text);
font:1.0625rem/1.6 "Source Sans 3","Segoe UI",Arial,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem;padding:.6rem 1rem;background:var(--page)}
.skip:focus{left:1rem;top:1rem;z-index:1}
main:focus{outline:none}
header{border-bottom:4px solid var(--seen);padding-bottom:1.2rem;margin-bottom:2rem}
h1,h2,h3,h4,h5,h6{line-height:1.25;text-wrap:balance}
h1{font-size:2.1rem;margin:.2rem 0 .5rem;letter-spacing:-.01em}
h2{font-size:1.5rem;margin:2.8rem 0 .8rem}
h3{font-size:1.2rem;margin:2rem 0 .6rem}
h4,h5,h6{font-size:1.0625rem;margin:1.6rem 0 .5rem}
.desk,.made{color:var(--quiet);margin:0;font-size:.95rem}
.desk{font-weight:600}
.subtitle{font-size:1.2rem;margin:0 0 .8rem;color:var(--quiet)}
.notice{margin:1rem 0 0;padding:.7rem 1rem;background:var(--notice);border-left:5px solid var(--notice-line)}
.first{background:var(--faint);border-left:5px solid var(--seen);padding:1.1rem 1.5rem;margin:0 0 2rem}
.first h2{margin:0 0 .5rem}
.first ul{margin:0;padding-left:1.2rem}
.first li{margin:.3rem 0;font-size:1.1rem}
nav{border-bottom:1px solid var(--line);padding-bottom:1rem}
nav h2{font-size:1.0625rem;margin:0 0 .3rem}
nav ol{margin:0}
figure,.table{margin:1.8rem 0;padding:0}
figcaption,caption{font-weight:600;text-align:left;margin-bottom:.7rem;padding-bottom:.5rem}
/* text keeps to a line that is read with ease; tables have all of the page */
p,ul,ol,h1,h2,h3,h4,dl,nav,figure,.elsewhere{max-width:51rem}
img{display:block;max-width:100%;height:auto;background:#fff;padding:.6rem;border:1px solid var(--line)}
.tag{display:inline-block;font-size:.8rem;font-weight:700;letter-spacing:.04em;padding:.05rem .5rem;margin-right:.35rem;
border:1.5px solid;border-radius:3px}
.tag.model{color:var(--model);background:var(--model-page);text-transform:uppercase;border-style:dashed}
.tag.observed{color:var(--seen);background:var(--seen-page)}
figure.model,.table.model{border-left:4px dashed var(--model);padding-left:1rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.4}
th,td{padding:.4rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);
min-width:3rem;max-width:22rem;overflow-wrap:break-word}
thead th{border-bottom:2px solid var(--quiet);vertical-align:bottom}
tbody th{font-weight:400;min-width:7rem;overflow-wrap:anywhere}
td.number{white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums}
dl.basis{display:grid;grid-template-columns:8.5rem 1fr;gap:.1rem .8rem;margin:.9rem 0 0;font-size:.85rem;
line-height:1.45;color:var(--quiet)}
dl.basis dt{font-weight:600}
dl.basis dd{margin:0}
.notes{font-size:.9rem;margin:.7rem 0 0;padding-left:1.2rem}
.elsewhere{border-left:3px solid var(--line);padding:.1rem .8rem;margin:.6rem 0;font-size:.95rem}
summary{cursor:pointer;margin:.6rem 0}
@media(max-width:36rem){body{padding:1.2rem 1rem}h1{font-size:1.6rem}dl.basis{grid-template-columns:1fr}
dl.basis dd{margin-bottom:.3rem}}
@media print{:root{--page:#fff;--text:#000;--quiet:#333;--line:#999;--faint:#fff;--link:#000;--model:#000;
--model-page:#fff;--seen:#000;--seen-page:#fff;--notice:#fff;--notice-line:#000}
@page{margin:20mm 18mm}html{font-size:9.75pt}body{max-width:none;padding:0}.skip,nav{display:none}
h2,h3,h4,figcaption,caption{break-after:avoid}figure,tr,.basis,.first,.notes{break-inside:avoid}.basis,.notes{break-before:avoid}thead{display:table-header-group}
.scroll{overflow:visible}table{font-size:.8rem}th,td{padding:.25rem .35rem;min-width:0;overflow-wrap:anywhere}
tbody th{min-width:5rem}p,ul,ol,h1,h2,h3,h4,dl,nav,figure,.elsewhere{max-width:none}
details::details-content{content-visibility:visible;display:block}a{text-decoration:none}}
"""
