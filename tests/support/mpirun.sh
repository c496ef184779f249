#!/usr/bin/env bash
# mpirun.sh RANKS COMMAND...: ranks on this one machine, however few its cores; root allowed (containers).
set -euo pipefail
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_btl=self,vader
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}  # idle threads leave the core to the next rank
ranks=$1
shift
exec mpirun -n "$ranks" "$@"
