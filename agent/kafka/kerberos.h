// What Kerberos (SASL GSSAPI) needs of the machine beside librdkafka: it loads libsasl2's plug-in,
// and has a shell run kinit for the tickets.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace streamgauge::kafka {

// The properties ask for GSSAPI, be it that they name no other mechanism.
bool UsesKerberos(const std::map<std::string, std::string>& properties);

// The first thing that is not here, in a sentence that begins with a property's name; empty: all is
// here, or it is not asked for. REQUIRES: librdkafka has made a client in this process, and so
// loaded the plug-ins.
std::string LackingForKerberos(const std::map<std::string, std::string>& properties);

// A line of librdkafka's about kinit without the command, in which anything may stand.
std::string WithoutCommand(std::string_view line);

}  // namespace streamgauge::kafka
