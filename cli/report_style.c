/*-------------------------------------------------------------------------
 *
 * The style sheet of reports.
 *
 * Colours: blue is what comes in, orange what goes out, green what stays inside,
 * grey all else; hues of Okabe and Ito, which those who confuse red and
 * green tell apart.  Reds are for severities alone, the deeper the worse, and blues
 * in steps for amounts.  test/report checks that each text has a contrast of
 * 4.5 (WCAG 2.1, 1.4.3) on what is behind it.
 *
 *-------------------------------------------------------------------------
 */
#include "report_page.h"

#define LIGHT \
	"color-scheme:light;--paper:#fbfaf7;--ink:#1c2430;--muted:#59636f;--rule:#e2dfd8;--track:#ece9e2;" \
	"--accent:#0b6aa8;--in:#0b72b2;--out:#e69f00;--inside:#0a9a74;--other:#9aa3ad;" \
	"--well:#0a6b51;--ill:#a31d3a;--note:#f3efe4;" \
	"--info:#e9e7e1;--info-ink:#4a525c;--low:#f3e3df;--low-ink:#6a3a33;--medium:#f0bfbd;--medium-ink:#5d1220;" \
	"--high:#b92742;--high-ink:#fff;--critical:#6f0d2c;--critical-ink:#fff;" \
	"--heat1:#eaf2f7;--heat2:#d3e5f0;--heat3:#b1d1e5;--heat4:#86b7d6;--heat5:#579ac5;--heat6:#1c6c9e;--heat7:#0c466f;" \
	"--heat-low:#0f1c28;--heat-five:#0f1c28;--heat-high:#fff"

#define DARK \
	"color-scheme:dark;--paper:#12161c;--ink:#e3e8ee;--muted:#9ba7b4;--rule:#2b333d;--track:#232a33;" \
	"--accent:#5fb0e5;--in:#4fa6de;--out:#f0ae2b;--inside:#38bd97;--other:#77828e;" \
	"--well:#4fcfa9;--ill:#ff8796;--note:#1f262f;" \
	"--info:#2a313a;--info-ink:#b7c0ca;--low:#3b2a2c;--low-ink:#eac5c0;--medium:#6b2733;--medium-ink:#ffdfe0;" \
	"--high:#c93a52;--high-ink:#fff;--critical:#ff8a9b;--critical-ink:#2b0310;" \
	"--heat1:#182733;--heat2:#1c3445;--heat3:#20465f;--heat4:#265c80;--heat5:#4b93c2;--heat6:#79b6de;--heat7:#b5daf1;" \
	"--heat-low:#eef4f9;--heat-five:#0a121a;--heat-high:#0a121a"

const char report_style[] =
	".page{" LIGHT "}\n"
	"@media (prefers-color-scheme:dark){html{background:#12161c}.page{" DARK "}}\n"
	"#scheme-light:checked~.page{" LIGHT "}\n"
	"#scheme-dark:checked~.page{" DARK "}\n"
	"@media print{.page,#scheme-light:checked~.page,#scheme-dark:checked~.page{" LIGHT ";--paper:#fff}}\n"

	/* the sheet */
	"*{box-sizing:border-box}\n"
	"html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}\n"
	"body{margin:0}\n"
	".page{min-height:100vh;background:var(--paper);color:var(--ink);"
	"font:14px/1.45 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",\"Noto Sans\",\"DejaVu Sans\",sans-serif;"
	"font-variant-numeric:tabular-nums;padding:32px max(24px,calc(50vw - 600px)) 48px}\n"
	"h1{font-size:28px;line-height:1.2;font-weight:650;letter-spacing:-.01em;margin:0 0 6px}\n"
	"h2{font-size:19px;font-weight:650;margin:0 0 12px;padding-top:14px;border-top:2px solid var(--ink)}\n"
	"h3{font-size:14px;font-weight:650;margin:18px 0 6px}\n"
	"p{margin:0 0 8px}\n"
	"a{color:var(--accent)}\n"
	"code,.name,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;font-size:.92em}\n"
	".group{margin-top:36px}\n"
	".two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(500px,100%),1fr));gap:4px 40px}\n"
	".two>*{min-width:0}\n"
	".range{font-size:16px;margin-bottom:4px}.range span,.remark,footer,.more,figcaption,.tag,.when,.rank,.evidence{color:var(--muted)}\n"
	".remark{max-width:110ch}\n"
	".note{background:var(--note);border-left:3px solid var(--muted);padding:8px 12px;max-width:100ch}\n"
	".note.error{border-color:var(--ill)}\n"
	"footer{margin-top:32px;font-size:12px}\n"

	/* hidden, but not from screen readers and keyboards */
	".unseen{position:absolute;width:1px;height:1px;margin:-1px;padding:0;border:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\n"
	"caption.unseen{display:block}\n"
	".switch{float:right;display:flex;border:1px solid var(--rule);border-radius:6px;font-size:12px;overflow:hidden}\n"
	".switch label{padding:3px 10px;color:var(--muted);cursor:pointer}\n"
	"#scheme-auto:checked~.page [for=scheme-auto],#scheme-light:checked~.page [for=scheme-light],"
	"#scheme-dark:checked~.page [for=scheme-dark]{background:var(--track);color:var(--ink)}\n"
	"#scheme-auto:focus-visible~.page [for=scheme-auto],#scheme-light:focus-visible~.page [for=scheme-light],"
	"#scheme-dark:focus-visible~.page [for=scheme-dark]{outline:2px solid var(--accent);outline-offset:-2px}\n"

	/* facts */
	".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:16px 24px;margin:24px 0 0}\n"
	".facts div{border-top:1px solid var(--rule);padding-top:8px}\n"
	".facts dt{font-size:12px;color:var(--muted)}.facts dd{margin:0;font-size:21px;font-weight:600;line-height:1.3;white-space:nowrap}\n"
	".facts dd.more{font-size:12px;font-weight:400;white-space:normal}\n"
	".facts a{color:inherit;text-decoration-color:var(--muted);text-decoration-thickness:1px;text-underline-offset:3px}\n"

	/* charts */
	"figure{margin:0 0 4px}figcaption{font-size:12px;margin:6px 0 2px}\n"
	"svg{display:block}.chart{width:100%;height:auto;overflow:visible}\n"
	".chart text{font-size:11px;fill:var(--muted)}.chart .middle{text-anchor:middle}.chart .end{text-anchor:end}\n"
	".chart .grid{stroke:var(--rule);fill:none}.chart .base{stroke:var(--muted);fill:none}\n"
	".area.in{fill:var(--in)}.area.out{fill:var(--out)}.area.internal{fill:var(--inside)}.area.other{fill:var(--other)}\n"
	".before{fill:none;stroke:var(--ink);stroke-width:1.2;stroke-dasharray:4 3;stroke-linejoin:round}\n"
	".rule path{fill:none;stroke:var(--ink);stroke-width:1;stroke-dasharray:1 3}"
	".chart .rule text{fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:3px}\n"
	".hit rect{fill:var(--ink);opacity:0}.hit:hover rect{opacity:.12}\n"
	".legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 4px;padding:0;font-size:12px;color:var(--ink)}\n"
	".legend li{display:flex;align-items:center;gap:6px}\n"
	".legend i{width:12px;height:12px;border-radius:2px;display:inline-block}\n"
	"i.in{background:var(--in)}i.out{background:var(--out)}i.internal{background:var(--inside)}i.other{background:var(--other)}\n"
	"i.before{height:0;border-radius:0;border-top:2px dashed var(--ink);width:18px}\n"
	".chart .names text{fill:var(--ink);font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
	"rect.none{fill:none;stroke:var(--rule);stroke-width:.7}\n"
	".heat.l1{fill:var(--heat1);background:var(--heat1)}.heat.l2{fill:var(--heat2);background:var(--heat2)}"
	".heat.l3{fill:var(--heat3);background:var(--heat3)}.heat.l4{fill:var(--heat4);background:var(--heat4)}"
	".heat.l5{fill:var(--heat5);background:var(--heat5)}.heat.l6{fill:var(--heat6);background:var(--heat6)}"
	".heat.l7{fill:var(--heat7);background:var(--heat7)}\n"
	".chart .heat text{fill:var(--heat-low)}.chart .heat.l5 text{fill:var(--heat-five)}"
	".chart .heat.l6 text,.chart .heat.l7 text{fill:var(--heat-high)}\n"
	".heat:hover rect{stroke:var(--ink);stroke-width:2}\n"

	/* tables */
	"table{border-collapse:collapse;width:100%}\n"
	"th,td{text-align:left;padding:3px 12px 3px 0;border-bottom:1px solid var(--rule);font-weight:400;vertical-align:middle}\n"
	"th:last-child,td:last-child{padding-right:0}\n"
	"thead th{font-size:12px;color:var(--muted);white-space:nowrap;vertical-align:bottom}\n"
	"tbody th{overflow-wrap:anywhere}.num{text-align:right;white-space:nowrap}.rank{text-align:right;width:1.6em;padding-right:8px}\n"
	".tag{font-size:12px;white-space:nowrap}.when{white-space:nowrap;font-size:12px}.evidence{font-size:12px;overflow-wrap:anywhere}\n"
	".share{width:150px}td.share span{font-size:12px;color:var(--muted)}\n"
	"td.share{white-space:nowrap;text-align:right}td.share .bar{display:inline-block;width:calc(100% - 52px);height:10px;margin-right:6px;vertical-align:middle}\n"
	"td.share span{display:inline-block;width:46px;text-align:right;vertical-align:middle}\n"
	".over{width:130px}.bar,.line,.span{width:100%}.line{height:22px}.span{height:10px}\n"
	".track{fill:var(--track)}rect.accent{fill:var(--accent)}\n"
	".line .fill{fill:var(--accent)}.line .base{stroke:var(--rule);fill:none;vector-effect:non-scaling-stroke}\n"
	".broad .share{width:300px}.broad .over{width:210px}.two .share{width:122px}.two .over{width:104px}\n"
	".rest th,.rest td{color:var(--muted)}.rest th{font-style:italic}\n"
	".findings td.over{min-width:110px}.findings tbody th{white-space:nowrap}#names .share{width:104px}\n"
	".severity{display:inline-block;min-width:62px;text-align:center;font-size:12px;border-radius:3px;padding:0 7px}\n"
	".severity.info{background:var(--info);color:var(--info-ink)}.severity.low{background:var(--low);color:var(--low-ink)}"
	".severity.medium{background:var(--medium);color:var(--medium-ink)}.severity.high{background:var(--high);color:var(--high-ink)}"
	".severity.critical{background:var(--critical);color:var(--critical-ink)}\n"
	".mark.info,.mark.low{fill:var(--other)}.mark.medium{fill:var(--high);opacity:.65}.mark.high{fill:var(--high)}.mark.critical{fill:var(--critical)}\n"
	".state::before{content:\"\";display:inline-block;width:8px;height:8px;border-radius:50%;margin-right:6px;background:var(--well)}\n"
	".state.ill{color:var(--ill);font-weight:600}.state.ill::before{background:var(--ill);border-radius:0;transform:rotate(45deg)}\n"
	"details{margin-top:8px}summary{cursor:pointer;color:var(--muted);font-size:12px}\n"
	".scroll{overflow-x:auto}.plain{font-size:12px;width:auto}.plain th,.plain td{padding-right:18px}\n"
	".costs{width:100%}.costs td,.costs th{vertical-align:top}pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:11px}"
	"pre.parameters{color:var(--muted)}\n"

	/* narrow screens, and paper */
	"@media (max-width:700px){.page{padding:20px 14px}.over,.rank{display:none}.share,.two .share,.broad .share,#names .share{width:84px}"
	".facts{grid-template-columns:1fr 1fr}.facts dd{white-space:normal}figure,.scroll{overflow-x:auto}.chart.wide{min-width:680px}"
	".scroll>table{min-width:560px}}\n"
	"@media print{html{background:#fff}.page{min-height:0;padding:0;font-size:10px}h1{font-size:20px}h2{font-size:14px}h3{font-size:11px;margin-top:10px}.range{font-size:12px}"
	".facts{grid-template-columns:repeat(4,1fr);gap:8px 16px;margin-top:12px}.facts dd{font-size:14px}"
	".two{grid-template-columns:1fr 1fr;gap:0 22px}th,td{padding-top:1px;padding-bottom:1px}.line{height:14px}"
	".share,.two .share,#names .share{width:84px}.broad .share{width:170px}.two .over{width:60px}.broad .over{width:130px}"
	"td.share .bar{width:calc(100% - 46px);height:7px;margin-right:4px}td.share span{width:40px}"
	"td.share span,thead th,figcaption,.tag,.when,.evidence,.more,.legend,.facts dt,.facts dd.more,.severity,footer{font-size:8.5px}"
	".findings td.over{min-width:50px;width:60px}.switch,summary{display:none}.group{margin-top:14px}"
	"section.ranking,figure,tr,.facts,#matrix,#worker,#storage{break-inside:avoid}h2,h3{break-after:avoid}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}a{text-decoration:none}@page{size:A4;margin:12mm}}\n";
