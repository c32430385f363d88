#include "tls/server_certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "model/destroy.h"

namespace streamgauge {
namespace {

using AlternativeNames = std::unique_ptr<GENERAL_NAMES, Destroy<GENERAL_NAMES_free>>;
using Bio = std::unique_ptr<BIO, Destroy<BIO_free>>;

constexpr std::size_t kLongestText = 100;
constexpr int kMostNames = 5;

std::string Printable(std::string_view text) {
  std::string result(text.substr(0, kLongestText));
  const auto is_control = [](unsigned char c) { return c < 0x20 || c >= 0x7f; };
  std::ranges::replace_if(result, is_control, '?');
  return result;
}

std::string_view BytesOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string Address(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(bytes) != 16) return "?";
  inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

std::string CommonName(const X509_NAME* name) {
  std::array<char, kLongestText> text{};
  const int size = X509_NAME_get_text_by_NID(name, NID_commonName, text.data(), text.size());
  return size <= 0 ? "?" : Printable(text.data());
}

// The names that the certificate bears; the common name counts only where there are no others.
std::string NamesOf(const X509* certificate) {
  const AlternativeNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string list;
  const int count = std::min(sk_GENERAL_NAME_num(names.get()), kMostNames);
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::string text;
    if (name->type == GEN_DNS) text = Printable(BytesOf(name->d.dNSName));
    if (name->type == GEN_IPADD) text = Address(name->d.iPAddress);
    if (!text.empty()) list += (list.empty() ? "" : ", ") + text;
  }
  return list.empty() ? CommonName(X509_get_subject_name(certificate)) : list;
}

std::string Time(const ASN1_TIME* time) {
  const Bio out(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(out.get(), time);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return Printable({text, static_cast<std::size_t>(size)});
}

}  // namespace

std::string DescribeCertificateProblem(int verify_error, x509_st* certificate,
                                       std::string_view name) {
  std::string otherwise = fmt::format("the server's certificate is refused: {}",
                                      X509_verify_cert_error_string(verify_error));
  if (certificate == nullptr) return otherwise;
  switch (verify_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format("the server's certificate ({}) has expired on {}: renew it",
                         NamesOf(certificate), Time(X509_get0_notAfter(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("the server's certificate ({}) is not valid before {}: check the clocks",
                         NamesOf(certificate), Time(X509_get0_notBefore(certificate)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("the server's certificate is for {}, not for {}: set tls.server_name",
                         NamesOf(certificate), name);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return fmt::format(
          "the server's certificate is of an authority that we do not know ({}): put the "
          "authority's certificate into tls.ca_file",
          CommonName(X509_get_issuer_name(certificate)));
    default:
      return otherwise;
  }
}

}  // namespace streamgauge
