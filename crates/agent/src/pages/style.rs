//! How the page looks.

/// Light and dark, for a wide screen and a phone.
pub(super) const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2330;--dim:#5b6678;--line:#d9dee7;--paper:#f6f7f9;--card:#fff;\
--bad:#b3261e;--warn:#8a5a00;--good:#1a7f4b;--bar:#3b6fd4;--soft:#e6ecf8}\
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#9aa5b8;--line:#2f3745;--paper:#12161d;\
--card:#1a2029;--bad:#ff8a80;--warn:#f0b95a;--good:#69d49b;--bar:#7aa5ff;--soft:#243047}}\
*{box-sizing:border-box}a{color:var(--bar)}body{margin:0;background:var(--paper);color:var(--ink);\
font:15px/1.45 system-ui,sans-serif}main{max-width:72rem;margin:0 auto;padding:1rem 1rem 3rem}\
h1{font-size:1.25rem;margin:.5rem 0 0}h2{font-size:1rem;margin:2rem 0 .6rem}\
p{margin:.25rem 0;overflow-wrap:anywhere}.dim{color:var(--dim)}.bad{color:var(--bad)}.warn{color:var(--warn)}\
.good{color:var(--good)}.verdict{font-size:1.1rem;margin:.4rem 0 0}.verdict.warn{font-size:1rem}\
ul.plain{list-style:none;margin:0;padding:0}.card{background:var(--card);border:1px solid var(--line);\
border-radius:.6rem;padding:.7rem .9rem;margin:0 0 .6rem}.row{display:grid;gap:.2rem 1rem;\
grid-template-columns:minmax(8rem,1.4fr) 7rem minmax(9rem,2fr) minmax(7rem,1fr) 9rem;align-items:center}\
.name{font-weight:600;overflow-wrap:anywhere}.name .dim{font-weight:400}.state{font-weight:600}\
.bar{display:block;margin-top:.25rem;height:.55rem;border-radius:.3rem;background:var(--soft);overflow:hidden}\
.bar i{display:block;height:100%;background:var(--bar)}.bar i.full{background:var(--bad)}\
svg.past{width:9rem;height:2rem;display:block}svg .busy{fill:none;stroke:var(--bar);stroke-width:1.5}\
svg .wait{fill:none;stroke:var(--bad);stroke-width:1.5}code,pre{font:13px/1.4 ui-monospace,monospace}\
code{background:var(--soft);border-radius:.25rem;padding:0 .25rem;overflow-wrap:anywhere}\
pre{margin:.4rem 0 0;white-space:pre-wrap;overflow-wrap:anywhere}details{margin-top:.3rem}\
summary{cursor:pointer;color:var(--dim)}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);\
vertical-align:top}td:first-child{overflow-wrap:anywhere}th{color:var(--dim);font-weight:500;white-space:nowrap}\
td.n{white-space:nowrap}.scroll{overflow-x:auto}\
main.stale{opacity:.5}@media(max-width:44rem){.row{grid-template-columns:1fr 1fr}.row .wide{grid-column:1/-1}\
svg.past{width:100%}tr:has(th){display:none}tr,td{display:block}tr{padding:.4rem 0;border-bottom:1px solid var(--line)}\
td{border:0;padding:.1rem 0}td:first-child{font-weight:600}td:empty{display:none}\
td[data-name]::before{content:attr(data-name) \": \";color:var(--dim)}}";
