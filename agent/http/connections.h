// Ends what a server's clients hold open, so that a slow one cannot keep the agent from stopping.
#pragma once

#include <cstdint>

namespace streamgauge {

// Shuts down every TCP connection of this process whose own end has `port`: those that a listener
// on that port has accepted. Their reads and writes end at once, whichever thread is in them; the
// descriptors stay open until their owner closes them. httplib tells nobody its sockets, hence the
// search among the process's descriptors.
void ShutDownConnections(std::uint16_t port);

}  // namespace streamgauge
