module helm-unittest

go 1.26.0

require github.com/helm-unittest/helm-unittest v1.1.2

require github.com/dprotaso/go-yit v0.0.0-20260623150633-6f1ed93922d1 // indirect
replace github.com/vmware-labs/yaml-jsonpath => github.com/helm-unittest/yaml-jsonpath v0.4.0
