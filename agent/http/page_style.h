// The style sheet of the page for people.
#pragma once

#include <string_view>

namespace streamgauge {

inline constexpr std::string_view kPageStyle = R"css(
:root { color-scheme: light dark; --line: #8884; --quiet: #6b7280; --bad: #b42318; --warn: #93590a;
  --good: #1a7f37; }
@media (prefers-color-scheme: dark) {
  :root { --quiet: #9ca3af; --bad: #ff8a80; --warn: #f0b95a; --good: #6fce8a; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 90rem; padding: 1rem 1.5rem; }
header { align-items: baseline; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
h1 { font-size: 1.4rem; margin: .25rem 0; }
h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
p, .quiet { color: var(--quiet); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left;
  vertical-align: top; }
th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
td.number, th.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
td.name { max-width: 22rem; min-width: 7rem; overflow-wrap: anywhere; }
td.words { min-width: 20rem; overflow-wrap: anywhere; }
.state { font-weight: 600; white-space: nowrap; }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
.good { color: var(--good); }
)css";

}  // namespace streamgauge
