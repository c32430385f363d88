#pragma once

// Where this build's binary, the repository and the cached servers are. For tests, benchmarks and
// the demo only; the agent knows none of it. Callable from any thread.

#include <filesystem>

namespace streamgauge::build_paths {

// The repository's top folder: fixtures are below it.
std::filesystem::path Source();

// The agent's binary of this build.
std::filesystem::path AgentBinary();

// The demo's binary of this build.
std::filesystem::path Demo();

// What tools/setup.sh keeps outside the checkout: $STREAMGAUGE_CACHE, else
// $XDG_CACHE_HOME/streamgauge, else ~/.cache/streamgauge.
std::filesystem::path Cache();

// The folder with Apache Kafka's jars (class path: KafkaLibs() / "*"). May not exist:
// `tools/setup.sh test` makes it.
std::filesystem::path KafkaLibs();

// The valkey-server binary. May not exist: `tools/setup.sh test` makes it.
std::filesystem::path ValkeyServer();

}  // namespace streamgauge::build_paths
