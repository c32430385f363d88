#include "support/redis_cluster.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "support/loopback.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

constexpr std::uint32_t kSlots = 16384;
constexpr seconds kDeadline{20};
// Replicas take over after about this long and a second.
constexpr const char* kNodeTimeoutMs = "600";

RedisServerOptions NodeOptions(const RedisClusterOptions& cluster) {
  RedisServerOptions options{.kind = cluster.kind, .arguments = {}};
  options.arguments = {"--cluster-enabled",
                       "yes",
                       "--cluster-port",
                       std::to_string(FreePort()),
                       "--cluster-node-timeout",
                       kNodeTimeoutMs,
                       "--cluster-require-full-coverage",
                       "no",
                       "--cluster-replica-validity-factor",
                       "0",
                       "--cluster-allow-replica-migration",
                       "no",
                       "--repl-diskless-sync-delay",
                       "0"};
  if (cluster.tls) {
    options.tls_port = true;
    options.arguments.insert(options.arguments.end(),
                             {"--tls-cluster", "yes", "--tls-replication", "yes"});
  }
  options.arguments.insert(options.arguments.end(), cluster.arguments.begin(),
                           cluster.arguments.end());
  return options;
}

std::string BusPortOf(const RedisServerOptions& options) { return options.arguments.at(3); }

void Expect(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error("redis cluster: " + what);
}

}  // namespace

std::string InfoField(const std::string& info, const std::string& name) {
  const std::string wanted = "\n" + name + ":";
  const std::size_t found = ("\n" + info).find(wanted);
  if (found == std::string::npos) return "";
  const std::size_t begin = found + wanted.size() - 1;
  return info.substr(begin, info.find_first_of("\r\n", begin) - begin);
}

RedisCluster::RedisCluster(RedisClusterOptions options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.primaries + options_.replicas_of.size(); ++i) {
    const RedisServerOptions node = NodeOptions(options_);
    bus_ports_.push_back(BusPortOf(node));
    nodes_.push_back(std::make_unique<RedisServer>(node));
    clients_.push_back(nodes_.back()->Connect());
  }
  AssignSlots();
  for (std::size_t i = 1; i < size(); ++i) {
    client(0).Command({"CLUSTER", "MEET", "127.0.0.1", PortOf(i), bus_ports_[i]});
  }
  Expect(WaitFor([this] { return EverybodyKnowsEverybody(); }, kDeadline), "nodes do not meet");
  Replicate();
}

std::string RedisCluster::PortOf(std::size_t node) const {
  const RedisServer& server = *nodes_.at(node);
  return std::to_string(options_.tls ? server.tls_port() : server.port());
}

void RedisCluster::AssignSlots() {
  for (std::size_t i = 0; i < options_.primaries; ++i) {
    const auto first = kSlots * i / options_.primaries;
    const auto last = kSlots * (i + 1) / options_.primaries - 1;
    client(i).Command({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
  }
  for (std::size_t i = 0; i < size(); ++i) {
    client(i).Command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
  }
}

bool RedisCluster::EverybodyKnowsEverybody() {
  for (RedisClient& client : clients_) {
    const std::string info = client.Command({"CLUSTER", "INFO"}).text;
    const bool knows = InfoField(info, "cluster_known_nodes") == std::to_string(size()) &&
                       InfoField(info, "cluster_state") == "ok" &&
                       InfoField(info, "cluster_slots_ok") == std::to_string(kSlots);
    if (!knows) return false;
  }
  return true;
}

void RedisCluster::Replicate() {
  for (std::size_t i = 0; i < options_.replicas_of.size(); ++i) {
    RedisClient& replica = client(options_.primaries + i);
    const std::string id = IdOf(options_.replicas_of[i]);
    // The replica may not have heard of its primary's slots yet.
    Expect(WaitFor([&] { return !replica.TryCommand({"CLUSTER", "REPLICATE", id}).IsError(); },
                   kDeadline),
           "no replica");
    Expect(WaitFor(
               [&] {
                 const std::string info = replica.Command({"INFO", "replication"}).text;
                 return InfoField(info, "master_link_status") == "up";
               },
               kDeadline),
           "a replica does not find its primary");
  }
  // Those that do not know a replica yet would not vote for it.
  Expect(WaitFor([this] { return EverybodyKnowsTheReplicas(); }, kDeadline),
         "replicas are not known");
}

bool RedisCluster::EverybodyKnowsTheReplicas() {
  for (RedisClient& client : clients_) {
    const std::string nodes = client.Command({"CLUSTER", "NODES"}).text;
    std::size_t replicas = 0;
    for (std::size_t at = 0; (at = nodes.find("slave ", at)) != std::string::npos; ++at) ++replicas;
    if (replicas != options_.replicas_of.size()) return false;
  }
  return true;
}

std::string RedisCluster::IdOf(std::size_t node) {
  return client(node).Command({"CLUSTER", "MYID"}).text;
}

std::vector<RedisReply> RedisCluster::Run(const std::vector<RedisCommand>& commands) {
  std::size_t at = 0;
  bool asking = false;
  std::vector<RedisReply> replies;
  for (int hop = 0; hop < 5; ++hop) {
    std::vector<RedisCommand> sent;
    for (const RedisCommand& command : commands) {
      if (asking) sent.push_back({"ASKING"});
      sent.push_back(command);
    }
    replies = client(at).Pipeline(sent);
    if (asking) {
      for (std::size_t i = 0; i < commands.size(); ++i) replies[i] = replies[2 * i + 1];
      replies.resize(commands.size());
    }
    const std::string& error = replies.front().text;
    asking = error.starts_with("ASK ");
    if (!replies.front().IsError() || !(asking || error.starts_with("MOVED "))) return replies;
    const std::string port = error.substr(error.rfind(':') + 1);
    for (std::size_t i = 0; i < size(); ++i) {
      if (std::to_string(node(i).port()) == port) at = i;
    }
  }
  throw std::runtime_error("redis cluster: sent from node to node: " + replies.front().text);
}

RedisReply RedisCluster::Command(const RedisCommand& command) {
  RedisReply reply = Run({command}).front();
  Expect(!reply.IsError(), command.at(0) + ": " + reply.text);
  return reply;
}

std::uint16_t RedisCluster::SlotOf(const std::string& key) {
  for (std::size_t i = 0; i < size(); ++i) {
    try {
      return static_cast<std::uint16_t>(client(i).Command({"CLUSTER", "KEYSLOT", key}).integer);
    } catch (const std::runtime_error&) {
      continue;  // it is down: any other knows as well
    }
  }
  throw std::runtime_error("redis cluster: all nodes are down");
}

std::size_t RedisCluster::OwnerOf(const std::string& key) {
  for (std::size_t i = 0; i < size(); ++i) {
    try {
      const RedisReply reply = client(i).TryCommand({"XLEN", key});
      if (!reply.IsError()) return i;
    } catch (const std::runtime_error&) {
      continue;
    }
  }
  throw std::runtime_error("redis cluster: nobody has " + key);
}

std::string RedisCluster::KeyOn(std::size_t node, const std::string& prefix) {
  for (int i = 0; i < 1000; ++i) {
    const std::string key = prefix + std::to_string(i);
    if (OwnerOf(key) == node) return key;
  }
  throw std::runtime_error("redis cluster: no key on the node");
}

void RedisCluster::WaitForReplicas() {
  const auto in_sync = [](RedisClient& client) {
    const std::string info = client.Command({"INFO", "replication"}).text;
    if (InfoField(info, "role") == "slave") return InfoField(info, "master_link_status") == "up";
    if (InfoField(info, "connected_slaves") == "0") return true;
    return client.Command({"WAIT", "1", "1000"}).integer >= 1;
  };
  Expect(WaitFor([&] { return std::ranges::all_of(clients_, in_sync); }, kDeadline),
         "replicas do not catch up");
}

bool RedisCluster::AllSay(const std::string& key, std::size_t owner) {
  const std::string there = ":" + std::to_string(node(owner).port());
  for (std::size_t i = 0; i < size(); ++i) {
    const RedisReply reply = client(i).TryCommand({"XLEN", key});
    if (i == owner ? reply.IsError() : !reply.text.ends_with(there)) return false;
  }
  return true;
}

void RedisCluster::BeginMove(std::uint16_t slot, std::size_t from, std::size_t to) {
  const std::string number = std::to_string(slot);
  client(to).Command({"CLUSTER", "SETSLOT", number, "IMPORTING", IdOf(from)});
  client(from).Command({"CLUSTER", "SETSLOT", number, "MIGRATING", IdOf(to)});
}

void RedisCluster::MoveKey(const std::string& key, std::size_t from, std::size_t to) {
  client(from).Command({"MIGRATE", "127.0.0.1", PortOf(to), key, "0", "5000"});
}

void RedisCluster::EndMove(std::uint16_t slot, std::size_t from, std::size_t to) {
  const std::string id = IdOf(to);
  client(to).Command({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id});
  client(from).Command({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id});
}

}  // namespace streamgauge::test
