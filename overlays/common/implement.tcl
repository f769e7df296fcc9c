# SPDX-License-Identifier: Apache-2.0
# Synthesis, implementation, bitstream and reports of the project that block_design.tcl made.
# Leaves overlay.bit, overlay.hwh, utilization.rpt and timing.rpt in the build folder.
set build $::env(OVERLAY_BUILD)
set jobs $::env(OVERLAY_JOBS)
set timeout $::env(OVERLAY_TIMEOUT)
set strategy $::env(OVERLAY_STRATEGY)
set power_opt $::env(OVERLAY_POWER_OPT)

# Waits for a run, but not for ever; the command's name changed after 2022.1.
proc finish {run} {
    global timeout
    if {[llength [info commands wait_on_runs]]} {
        wait_on_runs -timeout $timeout $run
    } else {
        wait_on_run -timeout $timeout $run
    }
    if {[get_property PROGRESS [get_runs $run]] ne "100%"} {
        error "$run: [get_property STATUS [get_runs $run]] (at most $timeout minutes)"
    }
}

if {[catch {
    set project [file join $build vivado overlay.xpr]
    open_project $project
    # a run that ran before is not launched again
    reset_run impl_1
    reset_run synth_1
    set_property strategy Flow_PerfOptimized_high [get_runs synth_1]
    set_property strategy $strategy [get_runs impl_1]
    # Vivado's own clock enables, in logic and block RAM; HLS cannot gate the clock of a part of an IP
    if {$power_opt} {
        set_property STEPS.POWER_OPT_DESIGN.IS_ENABLED true [get_runs impl_1]
    }
    launch_runs synth_1 -jobs $jobs
    finish synth_1
    launch_runs impl_1 -to_step write_bitstream -jobs $jobs
    finish impl_1

    open_run impl_1
    report_utilization -file [file join $build utilization.rpt]
    report_utilization -hierarchical -file [file join $build utilization_hierarchy.rpt]
    report_timing_summary -max_paths 10 -file [file join $build timing.rpt]

    set run [get_property DIRECTORY [get_runs impl_1]]
    file copy -force [file join $run overlay_wrapper.bit] [file join $build overlay.bit]
    set handoff [file join $build vivado overlay.gen sources_1 bd overlay hw_handoff overlay.hwh]
    file copy -force $handoff [file join $build overlay.hwh]
    close_project
    close [open [file join $build bit.done] w]
} message]} {
    puts stderr "ERROR: implementation: $message"
    exit 1
}
exit 0
