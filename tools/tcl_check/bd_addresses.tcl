# Addresses: every segment that a master reaches is assigned or excluded, aligned, apart from others.
namespace eval model {
    # space -> segment -> {offset range}; excluded: space -> segments
    variable assigned {} excluded {}
    # what the processor's masters reach (UG1085)
    variable windows {
        M_AXI_HPM0_FPD {0xA0000000 0x10000000 0x400000000 0x100000000 0x1000000000 0x3800000000}
        M_AXI_HPM1_FPD {0xB0000000 0x10000000 0x500000000 0x100000000 0x4800000000 0x3800000000}
        M_AXI_HPM0_LPD {0x80000000 0x20000000}
    }

    proc bytes {text} {
        if {[regexp {^([0-9]+)([KMGT])$} $text -> number unit]} {
            return [expr {$number << [dict get {K 10 M 20 G 30 T 40} $unit]}]
        }
        need [string is entier -strict $text] bad-value "$text is not a number of bytes"
        return [expr {entier($text)}]
    }

    # -> segment paths that a master interface reaches, through interconnects
    proc reach {interface} {
        set slave [slave_of $interface]
        if {$slave eq {}} { return {} }
        lassign [split_path $slave] cell part
        set description [describe $cell]
        set found {}
        dict for {segment where} [dict get $description segments] {
            if {[lindex $where 0] eq $part} { lappend found /$cell/$segment }
        }
        if {![llength $found]} {
            dict for {name about} [dict get $description interfaces] {
                if {[lindex $about 0] eq "master"} { lappend found {*}[reach /$cell/$name] }
            }
        }
        return $found
    }
    proc reach_of_space {space} {
        lassign [split_path $space] cell name
        set found {}
        foreach interface [dict get [describe $cell] spaces $name] {
            foreach segment [reach /$cell/$interface] { dict set found $segment $interface }
        }
        return $found
    }

    proc space_and_segment {options words command} {
        need [dict exists $options -target_address_space] no-value "$command without -target_address_space"
        set space [dict get $options -target_address_space]
        set segment [lindex $words 0]
        need [expr {$space ne {} && $segment ne {}}] no-object "$command of nothing"
        need [dict exists [reach_of_space $space] $segment] unreachable "$space does not reach $segment"
        return [list $space $segment]
    }

    proc assign_bd_address {options words} {
        variable assigned
        variable windows
        need_design assign_bd_address
        lassign [space_and_segment $options $words assign_bd_address] space segment
        lassign [property segment $segment] interface offset range
        if {[dict exists $options -offset]} { set offset [dict get $options -offset] }
        if {[dict exists $options -range]} { set range [dict get $options -range] }
        need [expr {$offset ne "any" && $range ne "any"}] no-value "assign_bd_address $segment without an address"
        set offset [bytes $offset]
        set range [bytes $range]
        need [expr {$range >= 4096 && !($range & ($range - 1))}] bad-range "$segment: a range of $range bytes"
        need [expr {$offset % $range == 0}] alignment [format "%s: 0x%X is not a multiple of 0x%X" \
            $segment $offset $range]
        set master [dict get [reach_of_space $space] $segment]
        if {[dict exists $windows $master]} {
            set inside 0
            foreach {base size} [dict get $windows $master] {
                if {$offset >= $base && $offset + $range <= $base + $size} { set inside 1 }
            }
            need $inside outside-window [format "%s: %s does not reach 0x%X" $segment $master $offset]
        }
        if {[dict exists $assigned $space]} {
            dict for {other where} [dict get $assigned $space] {
                lassign $where base size
                need [expr {$other eq $segment || $offset + $range <= $base || $base + $size <= $offset}] \
                    overlap "$segment and $other overlap in $space"
            }
        }
        dict set assigned $space $segment [list $offset $range]
        check::log [format "address %s %s 0x%X 0x%X" $space $segment $offset $range]
        change
    }
    proc exclude_bd_addr_seg {options words} {
        variable excluded
        lassign [space_and_segment $options $words exclude_bd_addr_seg] space segment
        dict lappend excluded $space $segment
        change
    }
}
