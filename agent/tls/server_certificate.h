// What is wrong with a server's certificate, in words.
#pragma once

#include <string>
#include <string_view>

struct x509_st;

namespace streamgauge {

// `verify_error` is OpenSSL's (X509_V_ERR_...), found at `certificate`, which may be null; `name`
// is what it should bear. What the certificate says is shortened and made printable: anybody may
// have written it.
std::string DescribeCertificateProblem(int verify_error, x509_st* certificate,
                                       std::string_view name);

}  // namespace streamgauge
