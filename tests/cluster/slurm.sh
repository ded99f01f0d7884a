#!/bin/sh
# A Slurm of one node, for tests: no systemd, no cgroups, no accounting, nothing outside
# one folder.
#
#   slurm.sh start FOLDER     its configuration, state and logs are made in FOLDER
#   slurm.sh stop FOLDER
#   slurm.sh state FOLDER     the partitions, the node, and the jobs
#
# Slurm's commands find it by SLURM_CONF=FOLDER/slurm.conf. Whoever starts it is the user
# it runs as, and the only one who may submit. It says that it has eight processors and
# two GPUs, whatever the machine has, and has two partitions: jobs in "gpu" are requeued
# for those in "urgent".
set -eu

usage() {
    sed -n '5,7s/^#  *//p' "$0" >&2
    exit 2
}

[ $# -eq 2 ] || usage
command=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
export SLURM_CONF="$folder/slurm.conf"
PATH="$PATH:/usr/sbin:/sbin"

free_ports() {
    python3 - "$1" <<'PYTHON'
import socket, sys
taken = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in taken:
    each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in taken))
PYTHON
}

configure() {
    host=$(hostname -s)
    user=$(id -un)
    ports=$(free_ports 2)
    mkdir -p "$folder/state" "$folder/spool" "$folder/munge" "$folder/log"
    chmod 755 "$folder/munge" "$folder/spool"
    chmod 700 "$folder/log"
    # A requeued job waits until its old credential is worth nothing: two minutes, if it
    # is not said otherwise.
    cat >"$SLURM_CONF" <<CONF
ClusterName=tests
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
SlurmctldPort=${ports% *}
SlurmdPort=${ports#* }
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld
SlurmdLogFile=$folder/log/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=1,sched_min_interval=100000
PriorityType=priority/basic
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=5
MinJobAge=300
OverTimeLimit=0
InactiveLimit=0
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=1024 Gres=gpu:2 State=UNKNOWN
PartitionName=gpu Nodes=$host Default=YES PriorityTier=1 GraceTime=10 MaxTime=1-00:00:00 State=UP
PartitionName=urgent Nodes=$host PriorityTier=2 PreemptMode=OFF MaxTime=1-00:00:00 State=UP
CONF
    # Two devices that are everywhere and that nobody constrains.
    echo "Name=gpu File=/dev/null
Name=gpu File=/dev/zero" >"$folder/gres.conf"
    # 22.05 looks for control groups whatever it is to do with them. What it finds here
    # is nothing, and that is enough where nothing is asked of them.
    mkdir -p "$folder/cgroup"
    echo "CgroupPlugin=cgroup/v1
CgroupMountpoint=$folder/cgroup" >"$folder/cgroup.conf"
}

start_munged() {
    (umask 077 && head -c 1024 /dev/urandom >"$folder/munge/key")
    chmod 400 "$folder/munge/key"
    munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
        --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" \
        --seed-file="$folder/munge/seed" --num-threads=2
}

refuse() {
    echo "$1; the last that was logged:" >&2
    tail -n 20 "$folder"/log/* "$folder/munge/log" >&2 || true
    stop
    exit 1
}

wait_until_idle() {
    for _ in $(seq 100); do
        if [ "$(sinfo -h -o %T 2>/dev/null | sort -u)" = idle ]; then return; fi
        sleep 0.1
    done
    refuse "the node is not idle after ten seconds"
}

# A process by the number that it wrote down, waited for until it is gone.
end() {
    [ -s "$1" ] || return 0
    number=$(cat "$1")
    kill "$number" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$number" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -9 "$number" 2>/dev/null || true
}

stop() {
    for each in slurmd.pid slurmctld.pid munge/pid; do end "$folder/$each"; done
}

case $command in
start)
    configure
    start_munged || refuse "munged does not start"
    slurmctld -c || refuse "slurmctld does not start"
    slurmd -c || refuse "slurmd does not start"
    wait_until_idle
    echo "SLURM_CONF=$SLURM_CONF"
    ;;
stop)
    scancel --quiet --me --full 2>/dev/null || true
    stop
    ;;
state)
    sinfo
    squeue --all --states=all --array \
        --format="%.12i %.10P %.12j %.12T %.8M %.10l %.5D %R"
    ;;
*) usage ;;
esac
