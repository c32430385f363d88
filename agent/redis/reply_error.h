// What a server's error reply means to us.
#pragma once

#include <string>
#include <string_view>

#include "model/error.h"
#include "redis/command_batch.h"

namespace streamgauge {

// Names the command, repeats the server's words, and says what to grant where a right is missing.
// `key` may be empty.
Error ToError(std::string_view server_text, Request request, std::string_view key);

// The server's words: one line of bounded length.
std::string QuotedLine(std::string_view server_text);

// True when NOPERM is about the key and not about the command, which servers look at first.
bool RefusesKey(std::string_view server_text);

// True for MOVED and ASK: another node of the cluster has the key.
bool IsRedirect(std::string_view server_text);

// True when the error concerns the server as a whole (loading, no authentication, ...), so that
// asking for the next stream is pointless.
bool ConcernsWholeServer(std::string_view server_text);

}  // namespace streamgauge
