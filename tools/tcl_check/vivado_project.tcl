# Projects, files, properties and runs of Vivado. What a project holds is remembered in its folder.
namespace eval model {
    variable project {} folder {} worked 0 board_part xilinx.com:zcu104:part0:1.1
    # validated and saved: of the block design; runs: name -> launched or complete
    variable state {part {} board {} repositories {} files {} wrapper {} top {} runs {}}
    variable strategies {
        synth_1 {{Vivado Synthesis Defaults} Flow_AreaOptimized_high Flow_AreaOptimized_medium
            Flow_AlternateRoutability Flow_PerfOptimized_high Flow_PerfThresholdCarry
            Flow_RuntimeOptimized}
        impl_1 {{Vivado Implementation Defaults} Performance_Explore
            Performance_ExplorePostRoutePhysOpt Performance_ExploreWithRemap
            Performance_WLBlockPlacement Performance_EarlyBlockPlacement Performance_NetDelay_high
            Performance_Retiming Performance_ExtraTimingOpt Performance_RefinePlacement
            Performance_SpreadSLLs Congestion_SpreadLogic_high Congestion_SpreadLogic_medium
            Area_Explore Power_DefaultOpt Flow_RunPhysOpt Flow_RuntimeOptimized Flow_Quick}
    }

    proc need {condition rule what} {
        if {!$condition} { check::fail $rule $what }
    }
    proc need_project {command} {
        variable project
        need [expr {$project ne {}}] order "$command before create_project or open_project"
    }
    proc version {options words} { return $check::generation }

    proc create_project {options words} {
        variable project [lindex $words 0]
        variable folder [file normalize [expr {[llength $words] > 1 ? [lindex $words 1] : "."}]]
        variable state
        need [dict exists $options -part] no-value "create_project without -part"
        need [expr {[dict exists $options -force] || ![file exists [file join $folder $project.xpr]]}] \
            order "create_project: $folder holds a project; -force replaces it"
        file delete -force $folder
        file mkdir $folder
        dict set state part [dict get $options -part]
    }
    proc open_project {options words} {
        set path [lindex $words 0]
        need [file isfile $path] missing-file "open_project: no project $path"
        variable project [file rootname [file tail $path]]
        variable folder [file normalize [file dirname $path]]
        variable state
        set channel [open $path]
        set state [read $channel]
        close $channel
    }
    proc close_project {options words} {
        variable project
        variable folder
        variable state
        need_project close_project
        set channel [open [file join $folder $project.xpr] w]
        puts $channel $state
        close $channel
        set project {}
        variable worked 1
    }
    proc current_project {options words} {
        variable project
        need_project current_project
        return $project
    }
    proc current_fileset {options words} {
        need_project current_fileset
        return sources_1
    }
    proc get_board_parts {options words} {
        variable board_part
        if {[info exists ::env(TCL_CHECK_NO_BOARD)]} { return {} }
        foreach pattern $words {
            if {[string match $pattern $board_part]} { return [list $board_part] }
        }
        return {}
    }

    proc set_property {options words} {
        if {[dict exists $options -dict]} {
            set object [lindex $words 0]
            dict for {name value} [dict get $options -dict] { set_one $name $value $object }
        } else {
            need [expr {[llength $words] == 3}] argument-count "set_property takes name, value, object"
            set_one {*}$words
        }
    }
    proc set_one {name value object} {
        variable project
        variable state
        variable strategies
        need [expr {$object ne {}}] no-object "set_property $name on nothing"
        if {[string match CONFIG.* $name]} {
            return [configure $object [string range $name 7 end] $value]
        }
        switch -- [string tolower $name] {
            board_part {
                need [expr {$object eq $project}] bad-object "board_part is the project's"
                need [llength [get_board_parts {} [list $value]]] no-board "no board part $value"
                dict set state board $value
            }
            ip_repo_paths {
                need [expr {$object eq $project}] bad-object "ip_repo_paths is the project's"
                foreach path $value {
                    need [file isdirectory $path] missing-file "ip_repo_paths: no folder $path"
                }
                dict set state repositories $value
            }
            top {
                need [expr {$object eq "sources_1"}] bad-object "top is a file set's"
                need [expr {$value in [dict get $state wrapper]}] no-top "no module $value for the top"
                dict set state top $value
            }
            strategy {
                need [dict exists $strategies $object] bad-object "strategy is a run's"
                need [expr {$value in [dict get $strategies $object]}] bad-value \
                    "no strategy $value for $object"
            }
            steps.power_opt_design.is_enabled {
                need [expr {$object eq "impl_1"}] bad-object "a step of an implementation"
                need [string is boolean -strict $value] bad-value "$name is true or false, not $value"
            }
            default { check::fail unknown-property "no property $name of $object" }
        }
    }
    proc get_property {options words} {
        variable state
        variable project
        variable folder
        lassign $words name object
        need [expr {$object in {synth_1 impl_1}}] unknown-property "no property $name of '$object'"
        set complete [string equal [run_state $object] complete]
        switch -- [string toupper $name] {
            PROGRESS { return [expr {$complete ? "100%" : "0%"}] }
            STATUS { return [expr {$complete ? "complete" : "not started"}] }
            DIRECTORY { return [file join $folder $project.runs $object] }
            default { check::fail unknown-property "no property $name of $object" }
        }
    }

    proc add_files {options words} {
        variable state
        need_project add_files
        foreach file [lindex $words 0] {
            need [file isfile $file] missing-file "add_files: no file $file"
            dict lappend state files [file normalize $file]
        }
    }
    proc update_compile_order {options words} { need_project update_compile_order }

    # --- runs
    proc run_state {run} {
        variable state
        return [expr {[dict exists $state runs $run] ? [dict get $state runs $run] : {}}]
    }
    proc get_runs {options words} {
        need_project get_runs
        foreach run $words {
            need [expr {$run in {synth_1 impl_1}}] unknown-run "no run $run"
        }
        return $words
    }
    proc launch_runs {options words} {
        variable state
        need_project launch_runs
        get_runs {} $words
        need [expr {[dict get $state top] ne {}}] no-top "launch_runs before the project has a top"
        if {[dict exists $options -to_step]} {
            need [expr {$words eq "impl_1" && [dict get $options -to_step] in {opt_design place_design
                route_design phys_opt_design write_bitstream}}] bad-value \
                "launch_runs $words -to_step [dict get $options -to_step]"
        }
        foreach run $words {
            need [string equal [run_state $run] {}] order "launch_runs $run, which ran already, before reset_run"
            if {$run eq "impl_1"} {
                need [string equal [run_state synth_1] complete] order "impl_1 before synth_1 is complete"
            }
            dict set state runs $run launched
            dict set state to_step [expr {[dict exists $options -to_step] ? [dict get $options \
                -to_step] : {}}]
        }
    }
    proc reset_run {options words} {
        variable state
        need_project reset_run
        get_runs {} $words
        dict unset state runs [lindex $words 0]
    }
    proc wait_on_run {options words} { wait_on_runs $options $words }
    proc wait_on_runs {options words} {
        variable state
        variable project
        variable folder
        need [dict exists $options -timeout] endless-wait "a wait on $words without -timeout"
        foreach run $words {
            need [expr {[run_state $run] ne {}}] order "a wait on $run, which was not launched"
            dict set state runs $run complete
            set handoff [file join $folder $project.gen sources_1 bd $project hw_handoff $project.hwh]
            check::leave $handoff overlay.hwh
            if {[dict get $state to_step] eq "write_bitstream"} {
                check::leave [file join $folder $project.runs $run [dict get $state top].bit] overlay.bit
            }
        }
    }
    proc open_run {options words} {
        need [string equal [run_state [lindex $words 0]] complete] order "open_run of a run that is not complete"
        variable opened 1
    }
    proc report_utilization {options words} {
        variable opened
        need [info exists opened] order "report_utilization before open_run"
        set hierarchical [dict exists $options -hierarchical]
        check::leave [dict get $options -file] [expr {$hierarchical ? "none" : "utilization.rpt"}]
    }
    proc report_timing_summary {options words} {
        variable opened
        need [info exists opened] order "report_timing_summary before open_run"
        check::leave [dict get $options -file] timing.rpt
    }
    proc finish {} {
        variable worked
        need $worked no-work "the script ends without closing a project that it worked on"
    }
}
