# Cells of the block design, and the queries that name their parts. Objects are their paths.
namespace eval model {
    variable design {} validated 0 saved 0
    variable cells {}

    proc update_ip_catalog {options words} {
        variable state
        variable kernels {}
        need_project update_ip_catalog
        foreach folder [dict get $state repositories] {
            foreach path [glob -nocomplain [file join $folder component.xml]] {
                set channel [open $path]
                set text [read $channel]
                close $channel
                regexp {<vlnv>(.*?)</vlnv>} $text -> vlnv
                set masters {}
                foreach {- bundle} [regexp -all -inline {<master>(\w+)</master>} $text] {
                    lappend masters $bundle
                }
                dict set kernels $vlnv $masters
            }
        }
    }
    proc create_bd_design {options words} {
        need_project create_bd_design
        variable design [lindex $words 0]
    }
    proc need_design {command} {
        variable design
        need [expr {$design ne {}}] order "$command before create_bd_design"
    }
    proc change {} {
        variable validated 0
        variable saved 0
    }

    proc create_bd_cell {options words} {
        variable cells
        need_design create_bd_cell
        set name [lindex $words 0]
        need [expr {![dict exists $cells $name]}] duplicate-cell "there is a cell $name already"
        set type [expr {[dict exists $options -type] ? [dict get $options -type] : "ip"}]
        if {$type eq "module"} {
            need [dict exists $options -reference] no-value "create_bd_cell -type module without -reference"
            dict set cells $name [list module [dict get $options -reference] config {}]
        } else {
            need [dict exists $options -vlnv] no-value "create_bd_cell -type ip without -vlnv"
            dict set cells $name [list ip [dict get $options -vlnv] config {}]
        }
        describe $name
        change
        return /$name
    }

    # pins, interfaces, spaces, segments and configs of a cell as it is configured now
    proc describe {name} {
        variable cells
        variable state
        variable kernels
        lassign [dict get $cells $name] type what - config
        if {$type eq "module"} {
            set found [catalog::module $what [dict get $state files]]
            need [llength $found] unknown-module "no file that was added defines the module $what"
            return $found
        }
        if {[info exists kernels] && [dict exists $kernels $what]} {
            return [catalog::kernel [dict get $kernels $what]]
        }
        lassign [split $what :] vendor library ip version
        need [expr {"$vendor:$library" eq "xilinx.com:ip" && $ip in $catalog::versionless}] unknown-ip \
            "no IP $what in the catalogue"
        return [catalog::$ip $config]
    }
    proc configure {object name value} {
        variable cells
        set cell [string trimleft $object /]
        need [dict exists $cells $cell] unknown-cell "no cell $object"
        foreach pattern [dict get [describe $cell] configs] {
            if {[string match $pattern $name]} {
                set entry [dict get $cells $cell]
                dict set entry config $name $value
                dict set cells $cell $entry
                return [change]
            }
        }
        check::fail unknown-config "$cell has no CONFIG.$name"
    }
    proc apply_bd_automation {options words} {
        variable state
        need [expr {[dict get $options -rule] eq "xilinx.com:bd_rule:zynq_ultra_ps_e"}] unknown-rule \
            "no automation [dict get $options -rule]"
        need [expr {[dict get $state board] ne {}}] no-board "a board preset without a board part"
    }

    # --- queries: every name must be there, but for -quiet
    proc lookup {options words kind rule} {
        set found {}
        foreach word $words {
            set parts [split [string trimleft $word /] /]
            set here [expr {[has $kind [lindex $parts 0] [join [lrange $parts 1 end] /]]}]
            if {$here} { lappend found /[join $parts /] } elseif {![dict exists $options -quiet]} {
                check::fail $rule "no $kind $word"
            }
        }
        return $found
    }
    proc has {kind cell part} {
        variable cells
        if {![dict exists $cells $cell]} { return 0 }
        if {$kind eq "cell"} { return [expr {$part eq {}}] }
        return [dict exists [describe $cell] ${kind}s $part]
    }
    proc get_bd_cells {options words} { lookup $options $words cell unknown-cell }
    proc get_bd_pins {options words} { lookup $options $words pin unknown-pin }
    proc get_bd_intf_pins {options words} { lookup $options $words interface unknown-interface }
    proc get_bd_addr_spaces {options words} { lookup $options $words space unknown-space }
    proc get_bd_addr_segs {options words} { lookup $options $words segment unknown-segment }

    # cell and part of a path
    proc split_path {path} {
        regexp {^/?([^/]+)/(.+)$} $path -> cell part
        return [list $cell $part]
    }
    proc property {kind path} {
        lassign [split_path $path] cell part
        return [dict get [describe $cell] ${kind}s $part]
    }
}
