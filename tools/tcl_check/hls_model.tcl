# What Vitis HLS would know: a project with sources, a solution with a part and a clock, and what
# was done in it. A project is remembered in its folder, as the tool does.
namespace eval model {
    variable project {} solution {} worked 0
    variable state {top {} sources {} benches {} part {} clock {} done {}}

    proc need {condition rule what} {
        if {!$condition} { check::fail $rule $what }
    }
    proc need_solution {command} {
        variable solution
        need [expr {$solution ne {}}] order "$command before open_solution"
    }
    proc done {what} {
        variable state
        variable worked 1
        dict lappend state done $what
        save
    }
    proc save {} {
        variable project
        variable solution
        variable state
        set channel [open [file join $project .tcl_check] w]
        puts $channel [list $solution $state]
        close $channel
    }

    proc open_project {options words} {
        variable project [lindex $words 0]
        variable solution {}
        variable state {top {} sources {} benches {} part {} clock {} done {}}
        if {[dict exists $options -reset]} { file delete -force $project }
        set memory [file join $project .tcl_check]
        if {[file isfile $memory]} {
            set channel [open $memory]
            set state [lindex [read $channel] 1]
            close $channel
        }
        file mkdir $project
    }
    proc close_project {options words} {
        variable project
        need [expr {$project ne {}}] order "close_project before open_project"
        save
        set project {}
        variable solution {}
    }
    proc open_solution {options words} {
        variable project
        need [expr {$project ne {}}] order "open_solution before open_project"
        variable solution [lindex $words 0]
        variable state
        if {[dict exists $options -reset]} {
            dict set state done {}
            dict set state part {}
            dict set state clock {}
        }
    }
    proc close_solution {options words} {
        need_solution close_solution
        variable solution {}
    }
    proc set_top {options words} {
        variable project
        need [expr {$project ne {}}] order "set_top before open_project"
        variable state
        dict set state top [lindex $words 0]
    }

    proc add_files {options words} {
        variable project
        variable state
        need [expr {$project ne {}}] order "add_files before open_project"
        set kind [expr {[dict exists $options -tb] ? "benches" : "sources"}]
        foreach file [lindex $words 0] {
            need [file exists $file] missing-file "add_files: no file $file"
            dict lappend state $kind [file normalize $file]
        }
        if {[dict exists $options -cflags]} {
            foreach flag [dict get $options -cflags] {
                if {[regexp {^-I(.+)$} $flag -> folder]} {
                    need [file isdirectory $folder] missing-file "add_files -cflags: no folder $folder"
                }
            }
        }
    }

    proc set_part {options words} {
        need_solution set_part
        variable state
        set part [lindex $words 0]
        need [regexp {^xc[a-z0-9]+-[a-z]+[0-9]+-[0-9][a-z]*-[a-z]$} $part] bad-value \
            "set_part $part: not device-package-speed"
        dict set state part $part
    }
    proc create_clock {options words} {
        need_solution create_clock
        variable state
        need [dict exists $options -period] no-value "create_clock without -period"
        set period [dict get $options -period]
        need [regexp {^[0-9.]+(ns|MHz)?$} $period] bad-value "create_clock -period $period"
        dict set state clock $period
    }
    proc set_clock_uncertainty {options words} { need_solution set_clock_uncertainty }
    proc config_interface {options words} { need_solution config_interface }
    proc config_op {options words} {
        need_solution config_op
        need [expr {[lindex $words 0] in {mul add sub}}] bad-value "config_op: no operator [lindex $words 0]"
    }
    proc config_dataflow {options words} { need_solution config_dataflow }

    proc check_vectors {command options} {
        if {[dict exists $options -argv]} {
            foreach word [dict get $options -argv] {
                need [expr {![string match */* $word] || [file exists $word]}] missing-file \
                    "$command -argv: no file $word"
            }
        }
    }
    proc csim_design {options words} {
        variable state
        need_solution csim_design
        need [llength [dict get $state sources]] order "csim_design before add_files"
        need [llength [dict get $state benches]] no-test-bench "csim_design without add_files -tb"
        check_vectors csim_design $options
        done csim
    }
    proc csynth_design {options words} {
        variable project
        variable solution
        variable state
        need_solution csynth_design
        foreach {what command} {top set_top sources add_files part set_part clock create_clock} {
            need [llength [dict get $state $what]] order "csynth_design before $command"
        }
        need [top_is_defined] no-top "no source defines the function [dict get $state top]"
        set reports [file join $project $solution syn report]
        check::leave [file join $reports csynth.xml] csynth.xml
        check::leave [file join $reports [dict get $state top]_csynth.rpt] csynth.rpt
        done csynth
    }
    proc top_is_defined {} {
        variable state
        foreach file [dict get $state sources] {
            set channel [open $file]
            set text [read $channel]
            close $channel
            if {[regexp "\\m[dict get $state top]\\s*\\(" $text]} { return 1 }
        }
        return 0
    }
    proc cosim_design {options words} {
        variable project
        variable solution
        variable state
        need_solution cosim_design
        need [expr {"csynth" in [dict get $state done]}] order "cosim_design before csynth_design"
        need [llength [dict get $state benches]] no-test-bench "cosim_design without add_files -tb"
        check_vectors cosim_design $options
        set report [file join $project $solution sim report [dict get $state top]_cosim.rpt]
        check::leave $report cosim.rpt
        done cosim
    }
    proc export_design {options words} {
        variable project
        variable solution
        variable state
        need_solution export_design
        need [expr {"csynth" in [dict get $state done]}] order "export_design before csynth_design"
        foreach option {-format -vendor -library -version} {
            need [dict exists $options $option] no-vlnv "export_design without $option"
        }
        need [regexp {^[0-9]+\.[0-9]+(\.[0-9]+)?$} [dict get $options -version]] bad-value \
            "export_design -version [dict get $options -version]: not like 1.0"
        set top [dict get $state top]
        set name [expr {[dict exists $options -ipname] ? [dict get $options -ipname] : $top}]
        set folder [file join $project $solution impl ip]
        write_component [file join $folder component.xml] $options $name
        check::leave [file join $folder drivers ${top}_v1_0 src x${top}_hw.h] kernel_hw.h
        done export
    }
    # the name of the IP and its interfaces, which the sources' pragmas name
    proc write_component {path options name} {
        variable state
        set masters {}
        foreach file [dict get $state sources] {
            set channel [open $file]
            foreach {- bundle} [regexp -all -inline {m_axi\s[^\n]*bundle=(\w+)} [read $channel]] {
                if {$bundle ni $masters} { lappend masters $bundle }
            }
            close $channel
        }
        file mkdir [file dirname $path]
        set channel [open $path w]
        puts $channel "<vlnv>[dict get $options -vendor]:[dict get $options -library]:$name:[dict get \
            $options -version]</vlnv>"
        foreach bundle $masters { puts $channel "<master>$bundle</master>" }
        close $channel
    }

    proc finish {} {
        variable worked
        need $worked no-work "the script ends without simulation, synthesis or export"
    }
}
