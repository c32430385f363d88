// A broker with every way in that Kafka knows, each on a listener of its own, and what it takes to
// come in. One start for all tests of an executable.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "support/certificates.h"
#include "support/kafka_broker.h"
#include "support/kerberos_realm.h"
#include "support/temp_dir.h"
#include "support/token_endpoint.h"

namespace streamgauge::test {

class SecuredKafka {
 public:
  static bool Available() {
    return KafkaBroker::Available() && CertificateAuthority::Available() &&
           KerberosRealm::Available();
  }
  static constexpr const char* kNeeds =
      "Kafka, Java, openssl, MIT Kerberos: run tools/setup.sh test";

  // The user of all mechanisms is monitor, with this password. Topic orders has a record that the
  // group billing has not read.
  static constexpr const char* kPassword = "s3cret";

  SecuredKafka();

  KafkaBroker& broker() { return *broker_; }
  TokenEndpoint& tokens() { return tokens_; }
  KerberosRealm& realm() { return realm_; }
  const CertificateAuthority& authority() const { return authority_; }
  const TempDir& folder() const { return folder_; }

 private:
  using Properties = std::map<std::string, std::string>;

  // Key and certificate in one file, as brokers want them.
  Properties Tls(const std::string& name, const CertificateFiles& files) const {
    const std::string store =
        folder_.Write(name + ".store", ReadFile(files.key) + ReadFile(files.cert));
    return {{"ssl.keystore.type", "PEM"},
            {"ssl.keystore.location", store},
            {"ssl.truststore.type", "PEM"},
            {"ssl.truststore.location", authority_.cert()}};
  }
  Properties Tls(const std::string& name) const { return Tls(name, authority_.Issue(name)); }
  Properties TlsFor(const std::string& name, const std::string& hosts) const {
    return Tls(name, authority_.Issue(name, hosts));
  }
  Properties MutualTls() const {
    Properties properties = Tls("mutual");
    properties["ssl.client.auth"] = "required";
    return properties;
  }
  Properties Sasl(Properties properties) const {
    const std::string scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
    properties["sasl.enabled.mechanisms"] = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER";
    // Whoever is connected has to log in again, so that a changed password counts.
    properties["connections.max.reauth.ms"] = "2000";
    properties["plain.sasl.jaas.config"] = PlainLogin({{"monitor", kPassword}});
    properties["scram-sha-256.sasl.jaas.config"] = scram;
    properties["scram-sha-512.sasl.jaas.config"] = scram;
    properties["oauthbearer.sasl.jaas.config"] =
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;";
    return properties;
  }
  // Tickets are for kafka/127.0.0.1, as the broker gives out its address.
  Properties WithKerberos(Properties properties) {
    properties["sasl.enabled.mechanisms"] += ",GSSAPI";
    properties["sasl.kerberos.service.name"] = "kafka";
    properties["gssapi.sasl.jaas.config"] =
        "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true "
        "keyTab=\"" +
        realm_.Keytab("kafka/127.0.0.1").string() + "\" principal=\"kafka/127.0.0.1@" +
        KerberosRealm::kName + "\";";
    return properties;
  }

  KerberosRealm realm_;  // first, as it sets the environment
  TempDir folder_{"secured"};
  CertificateAuthority authority_{"authority"};
  TokenEndpoint tokens_{"monitor", kPassword};
  std::unique_ptr<KafkaBroker> broker_;
};

inline SecuredKafka::SecuredKafka() {
  const std::vector<KafkaListener> listeners = {
      {"TLS", "SSL", Tls("broker")},
      {"BY_NAME", "SSL", Tls("named"), "localhost:PORT"},
      {"MUTUAL", "SSL", MutualTls()},
      {"SASL_TLS", "SASL_SSL", WithKerberos(Sasl(Tls("sasl")))},
      {"SASL", "SASL_PLAINTEXT", Sasl({})},
      {"EXPIRED", "SSL", Tls("expired", authority_.IssueExpired("expired"))},
      {"ELSEWHERE", "SSL", TlsFor("elsewhere", "DNS:elsewhere.example")},
      {"HALFWAY", "SSL", TlsFor("halfway", "IP:127.0.0.1"), "localhost:PORT"},
      {"NOWHERE", "PLAINTEXT", {}, "127.0.0.1:1"},
  };
  KafkaBrokerOptions options{.properties = {},
                             .listeners = listeners,
                             .scram_users = {{"SCRAM-SHA-256", "monitor", kPassword},
                                             {"SCRAM-SHA-512", "monitor", kPassword}}};
  options.java_options.push_back("-Djava.security.krb5.conf=" + realm_.config().string());
  broker_ = std::make_unique<KafkaBroker>(options);
  KafkaClient client = broker_->Connect();
  client.CreateTopic("orders");
  client.Produce("orders", 0, 1);
  client.CommitOffsets("billing", {{"orders", 0, 0}});
}

}  // namespace streamgauge::test
