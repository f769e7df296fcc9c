# The whole block design: nothing needed is open, one clock an interface net, all addresses settled.
namespace eval model {
    proc validate_bd_design {options words} {
        variable cells
        need_design validate_bd_design
        foreach cell [dict keys $cells] {
            set description [describe $cell]
            validate_pins $cell $description
            validate_interfaces $cell $description
        }
        foreach cell [dict keys $cells] {
            foreach space [dict keys [dict get [describe $cell] spaces]] {
                validate_space /$cell/$space
            }
        }
        variable validated 1
        check::log "block design of [dict size $cells] cells is complete"
    }

    proc validate_pins {cell description} {
        variable net_of
        dict for {pin about} [dict get $description pins] {
            lassign $about direction width kind required
            need [expr {$required eq "no" || [dict exists $net_of /$cell/$pin]}] open-pin \
                "/$cell/$pin is not connected"
        }
        # pins that a later configuration took away
        foreach path [dict keys $net_of] {
            lassign [split_path $path] other pin
            need [expr {$other ne $cell || [dict exists $description pins $pin]}] lost-pin \
                "$path is connected, and gone by a later configuration"
        }
    }

    proc validate_interfaces {cell description} {
        variable net_of
        variable interface_net_of
        dict for {name about} [dict get $description interfaces] {
            lassign $about mode clock
            set path /$cell/$name
            need [dict exists $interface_net_of $path] open-interface "$path is not connected"
            if {$mode eq "master"} {
                set slave [slave_of $path]
                lassign [property interface $slave] - other
                lassign [split_path $slave] slave_cell
                set here [dict get $net_of /$cell/$clock]
                need [dict exists $net_of /$slave_cell/$other] open-pin "/$slave_cell/$other is not connected"
                need [expr {$here eq [dict get $net_of /$slave_cell/$other]}] two-clocks \
                    "$path and $slave have different clocks"
            }
        }
    }

    proc validate_space {space} {
        variable assigned
        variable excluded
        foreach segment [dict keys [reach_of_space $space]] {
            set settled [expr {([dict exists $assigned $space $segment])
                || ([dict exists $excluded $space] && $segment in [dict get $excluded $space])}]
            need $settled no-address "$segment has no address in $space, and is not excluded"
        }
    }

    proc save_bd_design {options words} {
        variable validated
        need $validated order "save_bd_design before validate_bd_design"
        variable saved 1
    }
    proc get_files {options words} {
        variable design
        variable state
        foreach word $words {
            if {$design ne {} && $word eq "$design.bd"} { return $word }
            foreach file [dict get $state files] {
                if {[file tail $file] eq $word} { return $file }
            }
            check::fail missing-file "get_files: no file $word in the project"
        }
    }
    proc make_wrapper {options words} {
        variable design
        variable saved
        variable state
        set file [expr {[dict exists $options -files] ? [dict get $options -files] : [lindex $words 0]}]
        need [expr {$file eq "$design.bd"}] missing-file "make_wrapper: no block design '$file'"
        need $saved order "make_wrapper before save_bd_design"
        need [dict exists $options -top] no-value "make_wrapper without -top"
        need [dict exists $options -import] no-value "make_wrapper without -import: nobody adds the file"
        dict lappend state wrapper ${design}_wrapper
    }
}
