// The page for people at `/`: which targets are up, and the worst groups with their verdict in
// words. One document without scripts or anything from elsewhere, readable in light and dark; no
// meaning is carried by colour alone. Pure.
#pragma once

#include <string>
#include <string_view>

#include "model/board.h"
#include "model/time.h"

namespace streamgauge {

// `now` is the agent's own clock, for the age of the polls.
std::string RenderPage(const BoardView& view, std::string_view version, WallTime now);

// What the page may load, as the header Content-Security-Policy: its own style and nothing else.
std::string_view PageSecurityPolicy();

}  // namespace streamgauge
