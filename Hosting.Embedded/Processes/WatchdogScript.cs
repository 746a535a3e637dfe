namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>What the watchdog runs: plain POSIX shell, so that it costs two megabytes and needs nothing installed.</summary>
internal static class WatchdogScript
{
    /// <summary>Carries the script to the shell, so that process listings show a name rather than a page of text.</summary>
    public const string Variable = "LLMDASPIRE_WATCHDOG";

    // Arguments: $1 what marks the environment of every process of this run, $2 seconds between SIGTERM and SIGKILL.
    // Input, a line each: "start PID", "end PID", "runtime PROGRAM", "container NAME", "removed NAME". End of input: the AppHost is gone.
    // Children are kept as PID:BIRTH, because a process id alone may mean somebody else later.
    public const string Text = """
        trap '' INT TERM HUP QUIT PIPE
        exec >/dev/null 2>&1
        unset LLMDASPIRE_WATCHDOG LLMDASPIRE_PROCESS
        cd /
        mark=$1 grace=$2 children= containers= runtime= targets=

        # Sets $birth to the start time of process $1; empty when it has ended, reaped or not.
        find_birth() {
          birth=
          if [ -d /proc/self ]; then
            { read -r stat < "/proc/$1/stat"; } || return 0
            set -- ${stat##*) }
            case $1 in Z|X) ;; *) birth=${20} ;; esac
          else
            set -- $(ps -o stat= -o lstart= -p "$1")
            case ${1:-Z} in Z*) ;; *) shift; birth=$(IFS=_; echo "$*") ;; esac
          fi
        }

        # Prints "PID PARENT" for every process.
        list_processes() {
          if [ -d /proc/self ]; then
            for file in /proc/[0-9]*/stat; do
              { read -r stat < "$file"; } || continue
              pid=${file#/proc/}
              set -- ${stat##*) }
              echo "${pid%/stat} $2"
            done
          else
            ps -A -o pid= -o ppid=
          fi
        }

        # Prints the given processes and all their descendants.
        list_family() {
          family=" $* "
          processes=$(list_processes)
          grown=yes
          while [ "$grown" ]; do
            grown=
            set -- $processes
            while [ $# -gt 1 ]; do
              case $family in
                *" $1 "*) ;;
                *" $2 "*) family="$family$1 "; grown=yes ;;
              esac
              shift 2
            done
          done
          echo "$family"
        }

        # Prints the processes that carry the mark; they may have lost their parents.
        list_marked() {
          [ -d /proc/self ] || return 0
          grep -l -F -e "$mark" /proc/[0-9]*/environ | while read -r file; do
            pid=${file#/proc/}
            echo "${pid%/environ}"
          done
        }

        # Adds to $targets what still runs of our children, with descendants.
        find_targets() {
          roots=
          for child in $children; do
            find_birth "${child%%:*}"
            [ "$birth" ] && [ "$birth" = "${child#*:}" ] && roots="$roots ${child%%:*}"
          done
          for pid in $(list_family $roots) $(list_marked); do
            find_birth "$pid"
            case " $targets " in
              *" $pid:$birth "*) ;;
              *) [ "$birth" ] && targets="$targets $pid:$birth" ;;
            esac
          done
        }

        any_target_runs() {
          for target in $targets; do
            find_birth "${target%%:*}"
            [ "$birth" = "${target#*:}" ] && return 0
          done
          return 1
        }

        kill_targets() {
          for target in $targets; do
            find_birth "${target%%:*}"
            [ "$birth" = "${target#*:}" ] && kill -9 "${target%%:*}"
          done
        }

        # An engine that hangs must not make us hang.
        remove_containers() {
          [ "$containers" ] && [ "$runtime" ] || return 0
          "$runtime" rm -f $containers < /dev/null &
          removal=$!
          ticks=25
          while kill -0 "$removal" && [ $ticks -gt 0 ]; do sleep 0.2; ticks=$((ticks - 1)); done
          kill -9 "$removal"
        }

        # Sets $left to the words of the list $2 without the one that matches $1.
        leave_out() {
          left=
          for word in $2; do
            case $word in $1) ;; *) left="$left $word" ;; esac
          done
        }

        while read -r verb what; do
          case $verb in
            start) find_birth "$what"; [ "$birth" ] && children="$children $what:$birth" ;;
            end) leave_out "$what:*" "$children"; children=$left ;;
            runtime) runtime=$what ;;
            container) containers="$containers $what" ;;
            removed) leave_out "$what" "$containers"; containers=$left ;;
          esac
        done

        find_targets
        for root in $roots; do kill -TERM "$root"; done
        ticks=$((grace * 5))
        while any_target_runs && [ $ticks -gt 0 ]; do sleep 0.2; ticks=$((ticks - 1)); done
        remove_containers
        find_targets
        kill_targets
        # Once more for what was started while we looked.
        find_targets
        kill_targets
        """;
}
